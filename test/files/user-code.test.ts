import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  isUserCode,
  type Json,
  loadUserCode,
  provideLibrary,
  type UserCode,
  userCode,
  userCodeIdentity,
} from "../../src/files/user-code.ts";
import { temporaryFolder } from "../temporary.ts";

type Loss = (margin: number) => number;

const SOURCES = {
  "loss.ts": `import { logistic } from "./math/logistic";
import constants from "./constants.json";
export const plain = (margin: number): number => -Math.log(logistic(margin));
export const scaled = ({ beta }: { beta: number }) => (margin: number): number => plain(beta * margin);
export const two: number = constants.two;
`,
  "math/logistic.ts": "export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));\n",
  "constants.json": '{ "two": 2 }\n',
  "notes.ts": "export const unrelated = 1;\n",
};

let folder: string;
let loss: string;

/** Writes a file of the test's folder and returns its path. */
function write(name: string, text: string, below = folder): string {
  const file = path.join(below, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Installs a package with the export `name`, its version. */
function install(name: string, version: string, below = folder): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, version, main: "index.js" }), below);
  write(`node_modules/${name}/index.js`, `exports.version = ${JSON.stringify(version)};\n`, below);
}

beforeEach(() => {
  folder = temporaryFolder("user code");
  for (const [name, text] of Object.entries(SOURCES)) write(name, text);
  loss = path.join(folder, "loss.ts");
});

afterEach(() => vi.unstubAllEnvs());

describe("user code", () => {
  test("is plain JSON that names a module and an export", () => {
    const code = userCode<Loss>(loss, "scaled", { beta: 2 });
    expect(code).toEqual({
      module: loss,
      export: "scaled",
      options: { beta: 2 },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.parse(JSON.stringify(code))).toEqual(code);
    expect(userCode(loss, "plain")).not.toHaveProperty("options");
  });

  test("starts a relative path from the user's folder", () => {
    vi.stubEnv("ALLROADS_FROM", folder);
    expect(userCode("loss.ts", "plain")).toEqual(userCode(loss, "plain"));
  });

  test("is told from other values", () => {
    expect(isUserCode(userCode(loss, "plain"))).toBe(true);
    for (const other of [undefined, null, "plain", {}, { module: loss, export: "plain" }]) {
      expect(isUserCode(other)).toBe(false);
    }
  });

  test("is identified by export, options and digest, wherever the folder is", () => {
    const code = userCode(loss, "scaled", { beta: 2 });
    expect(userCodeIdentity(code)).toEqual({ export: "scaled", options: { beta: 2 }, digest: code.digest });
    const moved = path.join(folder, "elsewhere", "deeper");
    for (const name of Object.keys(SOURCES)) {
      cpSync(path.join(folder, name), path.join(moved, name), { recursive: true });
    }
    expect(userCodeIdentity(userCode(path.join(moved, "loss.ts"), "scaled", { beta: 2 }))).toEqual(
      userCodeIdentity(code),
    );
  });
});

describe("the digest", () => {
  const digest = () => userCode(loss, "plain").digest;

  test.each(["loss.ts", "math/logistic.ts", "constants.json"] as const)(
    "changes with any edit of %s, which the module reaches",
    (name) => {
      const before = digest();
      write(name, `${SOURCES[name]}\n`);
      expect(digest()).not.toBe(before);
      write(name, SOURCES[name]);
      expect(digest()).toBe(before);
    },
  );

  test("changes when a file is renamed", () => {
    const before = digest();
    write("math/sigmoid.ts", SOURCES["math/logistic.ts"]);
    write("loss.ts", SOURCES["loss.ts"].replace("./math/logistic", "./math/sigmoid"));
    expect(digest()).not.toBe(before);
  });

  test("does not change with files that the module does not import", () => {
    const before = digest();
    write("notes.ts", "export const unrelated = 2;\n");
    write("tsconfig.json", '{ "compilerOptions": { "target": "ES5", "jsx": "react" } }');
    expect(digest()).toBe(before);
  });

  test("changes with the versions of the packages that the module imports", () => {
    write("loss.ts", 'export { version as plain } from "@some/package/index.js";\nimport "node:fs";\n');
    install("@some/package", "1.0.0");
    const before = digest();
    install("another", "1.0.0");
    expect(digest()).toBe(before);
    install("@some/package", "1.0.1");
    expect(digest()).not.toBe(before);
  });
});

describe("loading user code", () => {
  test("gives the export, or what a factory makes of the options", () => {
    expect(loadUserCode(userCode<Loss>(loss, "plain"))(0)).toBeCloseTo(Math.log(2), 12);
    expect(loadUserCode(userCode<Loss>(loss, "scaled", { beta: 3 }))(1)).toBeCloseTo(
      Math.log(1 + Math.exp(-3)),
      12,
    );
    expect(loadUserCode(userCode(loss, "two"))).toBe(2);
  });

  test("evaluates a module once, and calls a factory once per options", () => {
    write("loss.ts", "export const made = ({ beta }) => ({ beta });\nexport const same = made;\n");
    const load = (name: string, options?: Json) => loadUserCode(userCode(loss, name, options));
    expect(load("made", { beta: 1 })).toBe(load("made", { beta: 1 }));
    expect(load("made", { beta: 1 })).not.toBe(load("made", { beta: 2 }));
    expect(load("made")).toBe(load("same"));
  });

  test("gives the library of this process and the packages of the module's folder", () => {
    const library = { policy: {} };
    provideLibrary(library);
    install("some-package", "2.3.4");
    write(
      "loss.ts",
      'export { policy } from "allroads";\nexport { version } from "some-package";\n' +
        'export const later = import("allroads");\n',
    );
    expect(loadUserCode(userCode(loss, "policy"))).toBe(library.policy);
    expect(loadUserCode(userCode(loss, "version"))).toBe("2.3.4");
    return expect(loadUserCode(userCode(loss, "later"))).resolves.toMatchObject(library);
  });

  test("loads the library when it is first imported, if it is given as a function", () => {
    const library = { policy: {} };
    const load = vi.fn(() => library);
    provideLibrary(load);
    expect(loadUserCode(userCode(loss, "two"))).toBe(2);
    expect(load).not.toHaveBeenCalled();
    write("loss.ts", '// lazily\nexport { policy } from "allroads";\n');
    expect(loadUserCode(userCode(loss, "policy"))).toBe(library.policy);
  });

  test("works for CommonJS modules", () => {
    const file = write("loss.cjs", "module.exports = { half: (x) => x / 2, here: __filename };\n");
    expect(loadUserCode(userCode<Loss>(file, "half"))(3)).toBe(1.5);
    expect(loadUserCode(userCode(file, "here"))).toBe(file);
  });
});

describe("another process that is given the JSON", () => {
  /** What a process prints for an expression of `code` and the exports of user-code.ts. */
  async function printed(expression: string, code: UserCode<Loss>): Promise<string> {
    const bundled = path.join(folder, "bundled.cjs");
    await build({
      entryPoints: [fileURLToPath(new URL("../../src/files/user-code.ts", import.meta.url))],
      outfile: bundled,
      bundle: true,
      platform: "node",
      format: "cjs",
      packages: "external",
      define: { "import.meta.url": JSON.stringify(import.meta.url) },
    });
    const script = `const { loadUserCode } = require(process.argv[1]);
      const code = JSON.parse(process.argv[2]);
      console.log(${expression});`;
    const args = ["--enable-source-maps", "-e", script, bundled, JSON.stringify(code)];
    return execFileSync(process.execPath, args, { cwd: tmpdir(), encoding: "utf8" });
  }

  test("loads the same code", async () => {
    const code = userCode<Loss>(loss, "scaled", { beta: 2 });
    expect(Number(await printed("loadUserCode(code)(1.5)", code))).toBe(loadUserCode(code)(1.5));
  });

  test("has stack traces with the lines of the source", async () => {
    write("loss.ts", "type Margin = number;\n\nexport const trace = (_: Margin) =>\n  new Error().stack;\n");
    expect(await printed("loadUserCode(code)(1)", userCode(loss, "trace"))).toContain(`${loss}:4:`);
  });
});

describe("what is wrong is named", () => {
  const load = (name: string, options?: Json) => loadUserCode(userCode(loss, name, options));

  test("a module that does not exist", () => {
    const absent = path.join(folder, "absent.ts");
    expect(() => userCode(absent, "plain")).toThrow(`${absent} does not exist: give the path of`);
  });

  test("an export that does not exist, with those that do", () => {
    expect(() => load("hinge")).toThrow(`${loss} has no export "hinge"; it has "plain", "scaled", "two".`);
    write("loss.ts", "");
    expect(() => load("hinge")).toThrow("it has no exports.");
  });

  test("a syntax error or an import that is not there, with file and line", () => {
    const helper = write("math/logistic.ts", "export const one = 1;\nexport const logistic = = 1;\n");
    expect(() => load("plain")).toThrow(`${helper}:2: Unexpected "="`);
    write("math/logistic.ts", '\n\nexport { logistic } from "./nowhere";\n');
    expect(() => load("plain")).toThrow(`${helper}:3: Could not resolve "./nowhere"`);
  });

  test("what a bundle cannot have: import.meta and await outside of functions", () => {
    write("loss.ts", "\nexport const here = import.meta.url;\n");
    expect(() => load("here")).toThrow(`${loss}:2: "import.meta" is not available`);
    write("loss.ts", "export const later = await 1;\n");
    expect(() => load("later")).toThrow(`${loss}:1: Top-level await is`);
  });

  test("a package that is not installed", () => {
    write("loss.ts", 'export { plain } from "absent-package/losses";\n');
    expect(() => load("plain")).toThrow('The package "absent-package" is not installed where');
  });

  test("a module that has changed since it was named", () => {
    const code = userCode(loss, "plain");
    write("math/logistic.ts", "export const logistic = (x: number): number => x;\n// changed\n");
    expect(() => loadUserCode({ ...code, digest: userCode(loss, "plain").digest })).not.toThrow();
    write("math/logistic.ts", "export const logistic = (x: number): number => 2 * x;\n");
    const changed = userCode(loss, "plain");
    write("math/logistic.ts", "export const logistic = (x: number): number => 3 * x;\n");
    expect(() => loadUserCode(changed)).toThrow(
      `${loss} has changed since this stage was planned: plan it again.`,
    );
  });

  test("options for an export that is not a function, and options that are not JSON", () => {
    expect(() => load("two", { beta: 1 })).toThrow(
      `The export "two" of ${loss} must be a function, as it is given options, not a value of type number.`,
    );
    for (const options of [{ beta: Number.NaN }, () => 1, { at: new Date() }]) {
      expect(() => load("scaled", options as never)).toThrow('The options of "scaled" from');
    }
  });

  test("a module that fails while it is evaluated", () => {
    write("loss.ts", 'throw new Error("no data");\n');
    expect(() => load("plain")).toThrow(`${loss} fails when it is loaded: no data`);
  });
});
