import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emit } from "../../kernel/session/emit.ts";
import { isAdded, type Mapped, scriptPlace, sourcePlace } from "../../kernel/session/source-locations.ts";
import { readCell } from "../../kernel/session/parse-cell.ts";
import { moduleScript, rewriteCell } from "../../kernel/session/rewrite.ts";

/** A cell, or a module, as it runs. */
async function compiled(
  source: string,
  kind: "cell" | "module" = "cell",
  known = ["before"],
): Promise<Mapped> {
  const { plain } = readCell(source);
  if (kind === "cell" && plain) return { ...rewriteCell(source, new Set(known), plain), emitted: source };
  const emitted = await emit(source, `${kind}.ts`);
  if ("faults" in emitted) throw new Error(emitted.faults[0]!.text);
  const { code, pieces } =
    kind === "cell" ? rewriteCell(emitted.code, new Set(known)) : moduleScript(emitted.code);
  return { code, pieces, emitted: emitted.code, map: emitted.map };
}

/** The text of a script from where a line of its source begins. */
function textAt(script: Mapped, line: number): string {
  const { place } = scriptPlace(script, line)!;
  return script.code
    .split("\n")
    .slice(place.line - 1)
    .join("\n")
    .slice(place.column - 1);
}

describe("the place of a line", () => {
  test("is where its statement begins, with what the kernel puts before it", async () => {
    const script = await compiled("interface A { a: number }\nlet a: A = { a: 1 };\nbefore;\nawait a;\na.a");
    expect(textAt(script, 2)).toMatch(/^let a = \{ a: 1 \}/);
    expect(textAt(script, 3)).toMatch(/^__of_before\.value;/);
    expect(textAt(script, 4)).toMatch(/^__cell\.settled\(/);
    expect(textAt(script, 5)).toMatch(/^return \[\(a\.a/);
  });

  test("of one that does nothing is that of the next that does", async () => {
    const script = await compiled("// a comment\n\ntype A = 1;\nlet a: A = 1;\n");
    expect([1, 2, 3, 4].map((line) => scriptPlace(script, line)!.line)).toEqual([4, 4, 4, 4]);
    expect(scriptPlace(script, 5)).toBeUndefined();
  });

  test("of an import of a cell is that of the next statement: the kernel binds it", async () => {
    const script = await compiled('import { a } from "./a";\na;');
    expect(scriptPlace(script, 1)!.line).toBe(2);
    expect(textAt(script, 1)).toMatch(/^return \[\(__of_a/);
  });

  test("of a cell of one expression is in the cell, not in what is put around it", async () => {
    const script = await compiled("1 + 1");
    expect(textAt(script, 1)).toMatch(/^return \[\(/);
    expect(isAdded(script, scriptPlace(script, 1)!.place)).toBe(false);
    expect(isAdded(script, { line: 1, column: 1 })).toBe(true);
  });

  test("is the same in a cell without types, which runs as it is written", async () => {
    const script = await compiled("// one\nlet a = {\n  b: before(1)\n}\nbefore(a)\nawait a\na.b");
    expect(script.map).toBeUndefined();
    expect(textAt(script, 1)).toMatch(/^let a = \{/);
    expect(textAt(script, 3)).toMatch(/^b: \(0, __of_before/);
    expect(textAt(script, 5)).toMatch(/^\(0, __of_before\.value\)\(a\)/);
    expect(textAt(script, 6)).toMatch(/^__cell\.settled\(/);
    const called = script.code.split("\n").findIndex((line) => line.includes("(a);"));
    const bracket = script.code.split("\n")[called]!.indexOf("(a)");
    expect(sourcePlace(script, { line: called + 1, column: bracket + 1 })).toEqual({ line: 5, column: 1 });
  });

  test("of a module counts the names of CommonJS that are put before it", async () => {
    const script = await compiled("export const here = __dirname;\nexport const a = await 1;\n", "module");
    expect(textAt(script, 1)).toMatch(/^const here = __dirname/);
    expect(textAt(script, 2)).toMatch(/^const a = import\.meta\.cell/);
  });
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

test("a line's place in a script leads back to that line", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 8 }),
      fc.constantFrom("cell" as const, "module" as const),
      async (statements, kind) => {
        const source = statements.map((text, index) => text.replaceAll("NAME", `name${index}`)).join("\n");
        const script = await compiled(source, kind);
        for (let line = 1; line <= source.split("\n").length; line++) {
          const found = scriptPlace(script, line);
          if (!found) continue;
          expect(found.line).toBeGreaterThanOrEqual(line);
          expect(isAdded(script, found.place)).toBe(false);
          expect(sourcePlace(script, found.place)?.line).toBe(found.line);
        }
      },
    ),
    { numRuns: 60 },
  );
});
