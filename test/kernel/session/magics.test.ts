import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeMagic } from "../../../kernel/session/magics/complete.ts";
import { magicHelp, magicList } from "../../../kernel/session/magics/names.ts";
import { blankMagics, translateMagics } from "../../../kernel/session/magics/translate.ts";
import { parseTypeScript } from "../../../kernel/session/parser.ts";

const isDeclared = (name: string) => ["flag", "node", "total", "process"].includes(name);
const translate = (source: string) => translateMagics(source, isDeclared);

describe("magics become calls", () => {
  test.each([
    ["!ls", 'await __cellMagics.shell("ls");'],
    ["!ls -la", 'await __cellMagics.shell("ls -la");'],
    [
      "!npm install 'a b' && echo \"$HOME\"",
      'await __cellMagics.shell("npm install \'a b\' && echo \\"$HOME\\"");',
    ],
    [
      'const file = "a"\n!cat {file} "{file}.txt" {file + 1}',
      'const file = "a"\nawait __cellMagics.shell("cat " + __cellMagics.word((file), "file", false) + " \\"" + __cellMagics.word((file), "file", true) + ".txt\\" " + __cellMagics.word((file + 1), "file + 1", false));',
    ],
    ["!echo {unknown} {1} '{process}'", `await __cellMagics.shell("echo {unknown} {1} '{process}'");`],
    ["!node -v", 'await __cellMagics.shell("node -v");'],
    ["!./run.sh", 'await __cellMagics.shell("./run.sh");'],
    ["!git status; git log", 'await __cellMagics.shell("git status; git log");'],
    ["let a = 1\n  !pwd\na", 'let a = 1\n  await __cellMagics.shell("pwd");\na'],
    ["!echo a \\\n  b\n1", 'await __cellMagics.shell("echo a \\\\\\n  b");\n\n1'],
    ["%env A=b", '__cellMagics.env("A=b");'],
    ["total\n%pwd", 'total\n__cellMagics.pwd("");'],
    ["%time f(1);", "__cellMagics.time(() => (f(1)));"],
    ["%time await f()", "await __cellMagics.time(async () => (await f()));"],
    ["%time const x = 1", "__cellMagics.start(); const x = 1; __cellMagics.stop();"],
    ["%%time\n!ls\nx", '__cellMagics.timeCell();\nawait __cellMagics.shell("ls");\nx'],
    ["%%html\n<b>\n!ls\n</b>", '__cellMagics.show("text/html", "<b>\\n!ls\\n</b>");\n\n\n'],
    ["%%bash\nls", 'await __cellMagics.script("bash", "ls");\n'],
    ["%matplotlib inline", '__cellMagics.unknown("%matplotlib");'],
    ["%%perl\n1", '__cellMagics.unknown("%%perl");\n'],
  ])("%j", (source, code) => {
    expect(translate(source)).toBe(code);
    expect(parseTypeScript(translate(source)).hasErrors).toBe(false);
  });
});

describe("TypeScript is untouched", () => {
  test.each([
    "!flag",
    "!flag && total",
    "!(async () => {})()",
    "!function () {}()",
    "!!flag",
    "!total -flag",
    "!isReady && start()",
    "!items.some((x) =>\n  x)",
    "!process.env.HOME",
    "const text = `\n!ls -la\n%time\n%%html\n`",
    "/*\n!ls -la foo\n%env\n*/ 1",
    "const a = 7, b = 2;\na\n%b",
    "const time = 3;\ntotal\n%time",
    "total\n% flag",
    "if (flag)\n!total && process.exit",
    "const a =\n!flag",
    "function f() {\n!ls -la\n}",
    "a %% b",
    "x = 1 +* 2",
  ])("%j", (source) => expect(translate(source)).toBe(source));

  const statements = [
    "!a && b();",
    "!a",
    "!b(1, 2)",
    "!a.c",
    "!a[0] || b",
    "!!a",
    "a\n%b",
    "a\n  % b;",
    "const c1 = a\n%b\n%a;",
    "const s = `\n!ls\n%env A\n`;",
    "`a\n%%html\n!pwd -P\n`;",
    "/* \n%time x\n!ls -la\n*/",
    "// !ls\n// %cd",
    "if (a)\n!b;",
    "f(\n!a,\n!b\n);",
    "[\n!a, a\n%b];",
    "const o = { k:\n!a };",
    "while (false)\n!a",
    "const t = /\\!ls/;",
    "label:\n!a",
    "async function g() { await\n!a }",
    "type T = typeof a;",
    "b<number>(1)\n!a",
  ];
  test("whatever its statements are, if they use declared names", () => {
    const cells = fc.array(fc.constantFrom(...statements), { maxLength: 6 });
    const head = "let a: any, f: any; function b(...all: unknown[]): any {}";
    fc.assert(
      fc.property(cells, fc.boolean(), (parts, atStart) => {
        const unique = [...new Set(parts)];
        const source = atStart ? [...unique, head].join("\n") : [head, ...unique].join("\n");
        fc.pre(!parseTypeScript(source).hasErrors);
        expect(translate(source)).toBe(source);
      }),
      { numRuns: 300 },
    );
  });

  test("also if it is long", () => {
    const folder = path.resolve(import.meta.dirname, "../../../kernel");
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => /\.ts$/.test(name) && !/^dist/.test(name));
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const source = readFileSync(path.join(folder, file), "utf8");
      expect(translate(source), file).toBe(source);
    }
  });
});

test("for completion, magics are blank, and nothing moves", () => {
  expect(blankMagics("!ls -la\n  %time f.\nx", isDeclared)).toBe("       \n        f.\nx");
  expect(blankMagics("%%html\n<b>", isDeclared)).toBe("      \n   ");
});

test("names of magics are completed at the beginning of a line", () => {
  expect(completeMagic("%t")).toEqual({ prefix: "%t", matches: ["%time"] });
  expect(completeMagic("%%h")).toEqual({ prefix: "%%h", matches: ["%%html"] });
  expect(completeMagic("x\n  %ls")).toEqual({ prefix: "%ls", matches: ["%lsmagic"] });
  expect(completeMagic("x\n%%h")).toBeUndefined();
  expect(completeMagic("a %t")).toBeUndefined();
  expect(completeMagic("%nothing")).toBeUndefined();
});

test("every magic has help", () => {
  expect(magicHelp("%time")).toContain("%%time\n");
  expect(magicHelp("%%time")).not.toContain("%time STATEMENT");
  expect(magicHelp("%toString")).toBeUndefined();
  for (const name of ["!COMMAND", "%cd", "%env", "%%bash", "%%html"])
    expect(magicList()).toContain(`${name}`);
});
