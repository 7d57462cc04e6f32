import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emit } from "../../../kernel/session/emit.ts";
import { parseCell } from "../../../kernel/session/parse-cell.ts";
import { rewriteCell, rewriteModule } from "../../../kernel/session/rewrite.ts";
import {
  isInWrapper,
  type MappedScript,
  scriptLocation,
  sourceLocation,
} from "../../../kernel/session/source-locations.ts";

const sessionNames = new Set(["before"]);

/** Compiles a cell or a module. */
async function compile(source: string, kind: "cell" | "module" = "cell"): Promise<MappedScript> {
  const { javaScript } = parseCell(source);
  if (kind === "cell" && javaScript)
    return { ...rewriteCell(source, sessionNames, javaScript), emitted: source };
  const emitted = await emit(source, `${kind}.ts`);
  if ("errors" in emitted) throw new Error(emitted.errors[0].message);
  const { code, segments } =
    kind === "cell" ? rewriteCell(emitted.code, sessionNames) : rewriteModule(emitted.code);
  return { code, segments, emitted: emitted.code, map: emitted.map };
}

/** The code of a script from the location of a source line on. */
function codeAt(script: MappedScript, sourceLine: number): string {
  const found = scriptLocation(script, sourceLine);
  if (!found) throw new Error(`Line ${sourceLine} has no location in the script.`);
  const { line, column } = found.location;
  return script.code
    .split("\n")
    .slice(line - 1)
    .join("\n")
    .slice(column - 1);
}

describe("the script location of a source line", () => {
  test("is the start of its statement, including code that the kernel inserted before it", async () => {
    const script = await compile("interface A { a: number }\nlet a: A = { a: 1 };\nbefore;\nawait a;\na.a");
    expect(codeAt(script, 2)).toMatch(/^let a = \{ a: 1 \}/);
    expect(codeAt(script, 3)).toMatch(/^__of_before\.value;/);
    expect(codeAt(script, 4)).toMatch(/^__cell\.settled\(/);
    expect(codeAt(script, 5)).toMatch(/^return \{ __proto__: null, value: \(a\.a/);
  });

  test("is that of the next executable line if the line is not executable", async () => {
    const script = await compile("// a comment\n\ntype A = 1;\nlet a: A = 1;\n");
    expect([1, 2, 3, 4].map((line) => scriptLocation(script, line)?.line)).toEqual([4, 4, 4, 4]);
    expect(scriptLocation(script, 5)).toBeUndefined();
  });

  test("is that of the next statement for an import in a cell, which the kernel performs itself", async () => {
    const script = await compile('import { a } from "./a";\na;');
    expect(scriptLocation(script, 1)?.line).toBe(2);
    expect(codeAt(script, 1)).toMatch(/^return \{ __proto__: null, value: \(__of_a/);
  });

  test("is inside the wrapper for a cell of one expression", async () => {
    const script = await compile("1 + 1");
    expect(codeAt(script, 1)).toMatch(/^return \{ __proto__: null, value: \(/);
    const found = scriptLocation(script, 1);
    expect(found && isInWrapper(script, found.location)).toBe(false);
    expect(isInWrapper(script, { line: 1, column: 1 })).toBe(true);
  });

  test("is found without a source map in a cell that runs without being compiled", async () => {
    const script = await compile("// one\nlet a = {\n  b: before(1)\n}\nbefore(a)\nawait a\na.b");
    expect(script.map).toBeUndefined();
    expect(codeAt(script, 1)).toMatch(/^let a = \{/);
    expect(codeAt(script, 3)).toMatch(/^b: \(0, __of_before/);
    expect(codeAt(script, 5)).toMatch(/^\(0, __of_before\.value\)\(a\)/);
    expect(codeAt(script, 6)).toMatch(/^__cell\.settled\(/);
  });

  test("takes into account CommonJS declarations inserted into a module", async () => {
    const script = await compile("export const here = __dirname;\nexport const a = await 1;\n", "module");
    expect(codeAt(script, 1)).toMatch(/^const here = __dirname/);
    expect(codeAt(script, 2)).toMatch(/^const a = import\.meta\.cell/);
  });
});

test("the bracket of a call of a session variable maps to the callee", async () => {
  const { code, ...script } = await compile("let a = 1\nbefore(a)\na");
  const index = code.indexOf("(a);");
  const line = code.slice(0, index).split("\n").length;
  const column = index - code.lastIndexOf("\n", index);
  expect(sourceLocation({ code, ...script }, { line, column })).toEqual({ line: 2, column: 1 });
});

const statement = fc.constantFrom(
  "let NAME: number = 1;",
  "function NAME(x: number) {\n  return x;\n}",
  "type NAME = string;",
  "// NAME",
  "",
  "console.log(before);",
  "await before;",
  "for (const x of [1]) {\n  before();\n}",
  "enum NAME { A, B }",
  "before",
);

test("the script location of a line maps back to that line", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 8 }),
      fc.constantFrom("cell" as const, "module" as const),
      async (statements, kind) => {
        const source = statements.map((text, index) => text.replaceAll("NAME", `name${index}`)).join("\n");
        const script = await compile(source, kind);
        for (let line = 1; line <= source.split("\n").length; line++) {
          const found = scriptLocation(script, line);
          if (!found) continue;
          expect(found.line).toBeGreaterThanOrEqual(line);
          expect(isInWrapper(script, found.location)).toBe(false);
          expect(sourceLocation(script, found.location)?.line).toBe(found.line);
        }
      },
    ),
    { numRuns: 60 },
  );
});
