import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withoutExtensions } from "../../kernel/setup/build.mjs";
import { isLinkedTo, jsonOf, linkTo, writeAtomically } from "../../kernel/setup/files.mjs";
import { kernelspec, kernelspecFor } from "../../kernel/setup/kernelspec.mjs";
import { holder, tryLock, unlock, withLock } from "../../kernel/setup/lock.mjs";
import { matchesLock } from "../../kernel/setup/packages.mjs";
import { pathsBelow } from "../../kernel/setup/paths.mjs";
import { environment, jupyter } from "../../kernel/setup/python.mjs";
import { codeVersion, sourcesBelow } from "../../kernel/setup/sources.mjs";
import { runSteps } from "../../kernel/setup/steps.mjs";
import { closingLine, countTests } from "../../kernel/setup/tally.mjs";
import { libraryFolder, tensorflow } from "../../kernel/setup/tensorflow.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "set up "));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

function put(name: string, text: string) {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

const contextIn = (root: string) => ({
  paths: pathsBelow(root),
  device: "cpu" as const,
  progress: () => {},
});

describe("runSteps", () => {
  const context = { paths: pathsBelow("/nowhere"), device: "cpu" as const };

  /** Steps that note when they start and end; each takes `ticks` turns of the event loop. */
  function recorded(plan: Record<string, { after?: string[]; ready?: boolean; fails?: boolean }>) {
    const notes: string[] = [];
    const said: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
    const steps = Object.entries(plan).map(([name, { after = [], ready = false, fails = false }]) => {
      let made = ready;
      return {
        name,
        after,
        ready: () => made,
        run: async () => {
          notes.push(`${name} starts`);
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (fails) throw new Error(`${name} is broken`);
          made = true;
          notes.push(`${name} ends`);
        },
      };
    });
    return { steps, notes, said };
  }

  test("runs what is missing, after what it builds on, and side by side where it can", async () => {
    const { steps, notes, said } = recorded({
      a: {},
      b: {},
      there: { ready: true },
      c: { after: ["a", "there"] },
    });
    await runSteps(steps, context);
    expect(notes.slice(0, 2)).toEqual(["a starts", "b starts"]);
    expect(notes.indexOf("a ends")).toBeLessThan(notes.indexOf("c starts"));
    expect(notes).not.toContain("there starts");
    expect(said.join("")).toMatch(/^ {2}[ab]: \d+ ms\n {2}[ab]: \d+ ms\n {2}c: \d+ ms\n$/);
  });

  test("after a failure the steps that do not build on it finish, the others do not start", async () => {
    const { steps, notes } = recorded({
      a: { fails: true },
      b: {},
      onA: { after: ["a"] },
      onB: { after: ["b"] },
      onBoth: { after: ["onA", "onB"] },
    });
    await expect(runSteps(steps, context)).rejects.toThrow("a is broken");
    expect(notes).toContain("onB ends");
    expect(notes).not.toContain("onA starts");
    expect(notes).not.toContain("onBoth starts");
  });

  test("a step that leaves no valid result has failed", async () => {
    const { steps } = recorded({ a: {} });
    steps[0]!.ready = () => false;
    await expect(runSteps(steps, context)).rejects.toThrow(/the a left nothing usable/);
  });
});

type Lock = { packages: Record<string, Record<string, string | boolean>> };

describe("what is there is recognised", () => {
  const locked: Lock = {
    packages: {
      "": { name: "root" },
      src: { version: "1.0.0" },
      "node_modules/a": { version: "1.0.0", integrity: "x" },
      "node_modules/b": { version: "2.0.0", integrity: "y", optional: true },
      "node_modules/allroads": { resolved: "src", link: true },
    },
  };
  const copy = () => structuredClone(locked);

  test("npm packages: as locked, without other systems' optional ones", () => {
    expect(matchesLock(locked, copy())).toBe(true);
    const here = copy();
    delete here.packages["node_modules/b"];
    expect(matchesLock(locked, here)).toBe(true);
  });

  test("npm packages: one missing, older, tampered with or too many is not a match", () => {
    const missing = copy();
    delete missing.packages["node_modules/a"];
    const older = copy();
    older.packages["node_modules/a"]!.version = "0.9.0";
    const other = copy();
    other.packages["node_modules/a"]!.integrity = "z";
    const more = copy();
    more.packages["node_modules/c"] = { version: "1.0.0" };
    for (const installed of [missing, older, other, more, null, {}])
      expect(matchesLock(locked, installed)).toBe(false);
  });

  test("TensorFlow's library: only whole", () => {
    const context = contextIn(folder);
    expect(tensorflow.ready(context)).toBe(false);
    const library = path.relative(folder, libraryFolder(context));
    put(`${library}/libtensorflow_cc.so.2`, "");
    put(`${library}/libtensorflow_framework.so.2`, "");
    expect(tensorflow.ready(context)).toBe(false);
    put(`${library}/include/tensorflow/c/c_api.h`, "");
    expect(tensorflow.ready(context)).toBe(true);
    expect(tensorflow.ready({ ...context, device: "cuda" })).toBe(false);
  });

  test("the Python environment: in the place it was made for, with the pins it was made with", async () => {
    const context = contextIn(folder);
    put(".venv/bin/python", "");
    expect(environment.ready(context)).toBe(false);
    put(".venv/.allroads.json", JSON.stringify({ place: context.paths.venv }));
    expect(environment.ready(context)).toBe(true);
    expect(jupyter.ready(context)).toBe(false);
    put(".venv/.allroads.json", JSON.stringify({ place: "/elsewhere/.venv" }));
    expect(environment.ready(context)).toBe(false);
  });

  test("the kernelspec: written anew for another Node", async () => {
    const context = contextIn(folder);
    expect(kernelspec.ready(context)).toBe(false);
    await kernelspec.run(context);
    expect(kernelspec.ready(context)).toBe(true);
    writeAtomically(context.paths.kernelspec, kernelspecFor(context.paths, "/other/node"));
    expect(kernelspec.ready(context)).toBe(false);
    expect(jsonOf(context.paths.kernelspec).argv).toContain("{connection_file}");
  });

  test("links are relative, so that the folder can be moved", () => {
    put("one/target.txt", "here");
    const root = path.join(folder, "one");
    linkTo(path.join(root, "deep", "link"), path.join(root, "target.txt"));
    expect(isLinkedTo(path.join(root, "deep", "link"), path.join(root, "target.txt"))).toBe(true);
    renameSync(root, path.join(folder, "two"));
    expect(readFileSync(path.join(folder, "two", "deep", "link"), "utf8")).toBe("here");
  });

  test("a link replaces an older one and a folder, and a dangling one is no link", () => {
    put("target", "new");
    put("link/inside", "old folder");
    const link = path.join(folder, "link");
    linkTo(link, path.join(folder, "target"));
    expect(readFileSync(link, "utf8")).toBe("new");
    rmSync(path.join(folder, "target"));
    expect(isLinkedTo(link, path.join(folder, "target"))).toBe(false);
    rmSync(link);
    symlinkSync("/elsewhere", link);
    put("target", "newer");
    linkTo(link, path.join(folder, "target"));
    expect(readFileSync(link, "utf8")).toBe("newer");
  });
});

describe("the lock", () => {
  const lockIn = () => path.join(folder, "cache", "lock");

  test("is held by one at a time and given back", async () => {
    expect(tryLock(lockIn())).toBe(true);
    expect(tryLock(lockIn())).toBe(false);
    expect(holder(lockIn())?.pid).toBe(process.pid);
    unlock(lockIn());
    expect(existsSync(lockIn())).toBe(false);
    expect(await withLock(lockIn(), async () => holder(lockIn())?.pid)).toBe(process.pid);
    expect(existsSync(lockIn())).toBe(false);
  });

  test("is given back after an error", async () => {
    await expect(withLock(lockIn(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(existsSync(lockIn())).toBe(false);
  });

  test("of a process that is gone, or another of the same number, or cut short, is taken", () => {
    for (const text of ['{"pid":2147483646,"start":""}', `{"pid":${process.pid},"start":"1"}`, "{"]) {
      put("cache/lock", text);
      expect(holder(lockIn())).toBe(null);
      tryLock(lockIn());
      expect(tryLock(lockIn())).toBe(true);
      unlock(lockIn());
    }
  });

  test("keeps processes apart", async () => {
    const module = JSON.stringify(new URL("../../kernel/setup/lock.mjs", import.meta.url).href);
    const script = `
      import { appendFileSync } from "node:fs";
      import { withLock } from ${module};
      const [lock, file] = process.argv.slice(1);
      await withLock(lock, async () => {
        appendFileSync(file, "in ");
        await new Promise((resolve) => setTimeout(resolve, 100));
        appendFileSync(file, "out ");
      });`;
    const file = path.join(folder, "order");
    const runs = [1, 2, 3].map(
      () =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, ["--input-type=module", "-e", script, lockIn(), file]);
          child.on("exit", resolve);
        }),
    );
    expect(await Promise.all(runs)).toEqual([0, 0, 0]);
    expect(readFileSync(file, "utf8")).toBe("in out in out in out ");
  });
});

describe("sources", () => {
  test("the code's version changes with the code and data that compute, and with nothing else", async () => {
    const version = () => codeVersion(folder, "src/run.ts", "src/package.json", esbuild);
    put("src/package.json", '{ "dependencies": { "pure-rand": "8.4.2" } }');
    put(
      "src/run.ts",
      'import { step } from "./models/step.ts"; import words from "../data/words.json"; step(words);',
    );
    put("src/models/step.ts", "export const step = (words: string[]) => words;");
    put("src/report/chart.ts", "export {};");
    put("data/words.json", '["a"]');
    const before = await version();
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    put("src/report/chart.ts", "export const chart = 1;");
    expect(await version()).toBe(before);
    put("data/words.json", '["b"]');
    const other = await version();
    put("src/models/step.ts", "export const step = (words: string[]) => words.length;");
    const another = await version();
    put("src/package.json", '{ "dependencies": { "pure-rand": "8.4.3" } }');
    expect(new Set([before, other, another, await version()]).size).toBe(4);
  });

  test("sources are TypeScript and JSON, without what was built", () => {
    for (const file of ["src/a.ts", "src/b.json", "src/notes.md", "src/dist/a.ts"]) put(file, "");
    expect(sourcesBelow(folder, ["src"])).toEqual(["src/a.ts", "src/b.json"]);
  });

  test("declarations lose the endings of relative imports, and of those only", () => {
    const declaration = `import { a } from "./a.ts";
export * from '../b/c.ts';
import "./side.ts";
type D = import("./d.ts").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`;
    expect(withoutExtensions(declaration)).toBe(`import { a } from "./a";
export * from '../b/c';
import "./side";
type D = import("./d").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`);
  });
});

describe("the tally of npm test", () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  });

  test("counts tests and checks", () => {
    const results = { numPassedTests: 5, numFailedTests: 0, testResults: [file("passed", "passed")] };
    expect(closingLine(countTests(results, 0, [true, true]))).toBe("7 passed, 0 failed");
    expect(closingLine(countTests(results, 0, [true, false]))).toBe("6 passed, 1 failed");
  });

  test("a file that does not load, a crash and missing results are failures", () => {
    const results = {
      numPassedTests: 1,
      numFailedTests: 0,
      testResults: [file("failed"), file("failed"), file("passed", "passed")],
    };
    expect(countTests(results, 1, [])).toEqual({ passed: 1, failed: 2, skipped: 0 });
    expect(countTests(null, 1, [true])).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(countTests({ numPassedTests: 3, numFailedTests: 0, testResults: [] }, 139, [])).toMatchObject({
      failed: 1,
    });
  });

  test("a failed test is counted once, skipped ones are named", () => {
    const results = {
      numPassedTests: 1,
      numFailedTests: 1,
      numPendingTests: 2,
      testResults: [file("failed", "failed")],
    };
    expect(closingLine(countTests(results, 1, [true]))).toBe("2 passed, 1 failed, 2 skipped");
  });
});
