import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "magics-")));
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

/** The text of the help that a cell shows in the pager. */
const help = async (code: string): Promise<string> =>
  (await kernel.run(code)).reply.payload[0].data["text/plain"];

describe("commands", () => {
  test("run in the shell, in order with what the cell prints", async () => {
    const { printed, messages, result } = await kernel.run(
      "const before: number = 1;\n!echo hello; echo problem >&2\nconsole.log('after');\nbefore + 1",
    );
    expect(printed).toBe("hello\nafter\n");
    expect(result).toBe("2");
    expect(messages.find(({ content }) => content.name === "stderr")?.content.text).toBe("problem\n");
  });

  test("may use values of the notebook in braces, each as one word, or in lists as several", async () => {
    await kernel.run("const words = ['a  b', '$HOME', \"it's\"]; const n = 41; const nothing = undefined");
    const shown = async (command: string) => (await kernel.run(`!printf '<%s>' ${command}`)).printed;
    expect(await shown("{words} x{n + 1}")).toBe("<a  b><$HOME><it's><x42>");
    expect(await shown('"{words[1]} {words[0]}"')).toBe("<$HOME a  b>");
    expect(await shown("'{n}' \\{n} {n,2} {unknown} HEAD@{n} {1..2} {}")).toBe(
      (await kernel.run("%%sh\nprintf '<%s>' '{n}' \\{n} {n,2} {unknown} HEAD@{n} {1..2} {}")).printed,
    );
    const { reply } = await kernel.run("!echo {nothing}");
    expect(reply.evalue).toBe(
      "!command: {nothing} is undefined, but a string, number or boolean is expected, or a list of these. Write \\{ for a brace of the shell.",
    );
  });

  test("show their output at once, and end with an interrupt", async () => {
    const started = kernel.published(({ content }) => content.text === "on\n");
    const running = kernel.run("!echo on; sleep 60");
    await started;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply.ename).toBe("Interrupted");
  });

  test("of %%bash fail the cell with their status", async () => {
    expect((await kernel.run("%%bash\nfor i in 1 2; do\n  echo $i\ndone")).printed).toBe("1\n2\n");
    const { reply } = await kernel.run("%%bash\necho no\nexit 3");
    expect(reply.evalue).toBe("%%bash: the script ended with status 3.");
  });
});

test("%%html, %%markdown and %%js show the cell's text", async () => {
  for (const [name, type] of [
    ["html", "text/html"],
    ["markdown", "text/markdown"],
    ["js", "application/javascript"],
  ]) {
    const { messages } = await kernel.run(`%%${name}\n<b>\n  "x"`);
    expect(messages[1]?.content.data).toEqual({ [type ?? ""]: '<b>\n  "x"' });
  }
});

test("%time and %%time print the time and keep values and declarations", async () => {
  const times = /^CPU time: [\d.]+ (µs|ms|s) user, [\d.]+ (µs|ms|s) system\nWall time: [\d.]+ (µs|ms|s)\n$/;
  const timed = await kernel.run("%time await new Promise<number>((done) => setTimeout(() => done(5), 20))");
  expect([timed.result, times.test(timed.printed)]).toEqual(["5", true]);
  expect((await kernel.run("%time const declared = [1, 2]")).printed).toMatch(times);
  const whole = await kernel.run("%%time\nconst other = declared.length\nother * 2");
  expect([whole.result, times.test(whole.printed)]).toEqual(["4", true]);
  expect((await kernel.run("other")).printed).toBe("");
  expect((await kernel.run("%time declared.nothing")).reply.ename).toBe("TypeScriptError");
});

test("%env and %cd change the environment and the folder", async () => {
  await kernel.run("%env ALLROADS_MAGIC=a b");
  expect((await kernel.run("%env ALLROADS_MAGIC")).result).toBe("a b");
  expect((await kernel.run("!echo $ALLROADS_MAGIC")).printed).toBe("a b\n");
  expect((await kernel.run("%env ALLROADS_NONE")).reply.evalue).toContain("no variable");
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "near.ts"), "export const near = 1;");
  expect((await kernel.run("%cd sub")).printed).toBe(`${join(folder, "sub")}\n`);
  expect((await kernel.run("import { near } from './near'; near")).result).toBe("1");
  expect((await kernel.run("// @ts-nocheck\nimport './nowhere'")).reply.evalue).toMatch(/^This cell imports/);
  expect((await kernel.run("%cd nowhere")).reply.evalue).toContain("cannot be entered (ENOENT)");
  expect((await kernel.run("%cd -")).printed).toBe(`${folder}\n`);
});

test("_ and Out have the last results", async () => {
  const { reply } = await kernel.run("40 + 2");
  await kernel.run("undefined");
  await kernel.run("'not stored'", { store_history: false });
  expect((await kernel.run(`[_, Out[${reply.execution_count}]]`)).result).toBe("[ 42, 42 ]");
  expect((await kernel.run("const _ = 'mine'; _")).result).toBe("mine");
  await kernel.run("5");
  expect((await kernel.run("_")).result).toBe("mine");
});

test("name? and name?? show what is known, and magics have help", async () => {
  await kernel.run(
    "/** Doubles. */\nfunction twice(x: number) {\n  // why\n  return 2 * x;\n}\nconst n = 1;",
  );
  expect(await help("twice?")).toBe("function twice(x: number): number\nDoubles.");
  expect(await help("twice??")).toContain("function twice(x: number) {\n  // why\n  return 2 * x;\n}");
  expect(await help("n??")).toContain("const n = 1;");
  expect(await help("%time?")).toContain("%time STATEMENT");
  expect((await kernel.run("%lsmagic")).printed).toContain("%%html");
  const detailed = { code: "twice", cursor_pos: 3, detail_level: 1 };
  expect((await kernel.ask("shell", "inspect_request", detailed)).data["text/plain"]).toContain("// why");
});

test("errors are shown in the cell's own lines", async () => {
  const type = await kernel.run("!echo a b\nconst wrong: string = 5;");
  expect(type.reply.traceback.join("\n")).toContain("!echo a b");
  expect(type.reply.traceback[0]).toContain(":2:7 - ");
  const thrown = await kernel.run("!echo\nthrow new Error('here')");
  expect(thrown.reply.traceback.join("\n")).toMatch(/2 \|\S* throw new Error/);
  expect((await kernel.run("%nothing")).reply.evalue).toContain("There is no magic %nothing");
});

test("clients complete magics and modules, and learn whether a cell is complete", async () => {
  const complete = async (code: string) => {
    const { matches, cursor_start } = await kernel.ask("shell", "complete_request", {
      code,
      cursor_pos: code.length,
    });
    return [matches, code.slice(cursor_start)];
  };
  expect(await complete("%ti")).toEqual([["%time"], "%ti"]);
  expect(await complete("import fs from 'node:fs/")).toEqual([["node:fs/promises"], "node:fs/"]);
  writeFileSync(join(folder, "my-module.ts"), "export const a = 1;");
  expect(await complete("import { a } from './my-")).toEqual([["my-module"], "my-"]);
  expect(await complete("!ls -la\n%time Math.hy")).toEqual([["hypot"], "hy"]);
  const status = async (code: string) => (await kernel.ask("shell", "is_complete_request", { code })).status;
  expect(await status("!ls -la foo")).toBe("complete");
  expect(await status("%%bash\nls")).toBe("incomplete");
  expect(await status("%%bash\nls\n\n")).toBe("complete");
});

test.each(["strict", "off"])(
  "a missing package is named with the line that installs it (check %s)",
  async (check) => {
    const project = mkdtempSync(join(tmpdir(), "install-"));
    onTestFinished(() => rmSync(project, { recursive: true }));
    const other = await startKernel(project, { ALLROADS_KERNEL_CHECK: check });
    onTestFinished(other.stop);
    const cells = ['import { answer } from "late-thing"; answer', 'require("late-thing").answer'];
    for (const cell of cells)
      expect((await other.run(cell)).reply.evalue).toMatch(/run !npm install late-thing in a cell\.$/);
    const code = join(project, "node_modules", "late-thing");
    mkdirSync(code, { recursive: true });
    writeFileSync(join(code, "package.json"), JSON.stringify({ name: "late-thing", main: "main.js" }));
    writeFileSync(join(code, "main.js"), "exports.answer = 42;");
    for (const cell of cells) {
      const { reply, result } = await other.run(cell);
      expect([reply.evalue, result]).toEqual([undefined, "42"]);
    }
  },
);
