import { expect, test } from "vitest";
import { parseCell } from "../../../kernel/session/parse-cell.ts";

test("the outline has all declared names with their kind, and the specifiers of all imports", () => {
  const { declared, specifiers } = parseCell(`
    import d, { type T, v as w } from "m"; import * as n from "./n.ts"; import e = require("e");
    const { a, b: [c] } = x; let m; var o; function f() {} class K {} interface I {} type A = 1; enum E {}
    namespace N {} export const p = 1; declare const q: 1; for (var i = 0;;) {} await import("later"); @dec class D {}`).outline;
  const namesOf = (kind: string) => declared.filter((each) => each.kind === kind).map(({ name }) => name);
  expect(namesOf("const")).toEqual(["a", "c", "p", "q"]);
  expect(namesOf("let")).toEqual(["m", "o", "i"]);
  expect(namesOf("other")).toEqual(["d", "T", "w", "n", "e", "K", "E", "N", "D"]);
  expect(namesOf("function")).toEqual(["f"]);
  expect(namesOf("type")).toEqual(["I", "A"]);
  expect(declared.filter(({ exported }) => exported).map(({ name }) => name)).toEqual(["p"]);
  expect(specifiers).toEqual(["m", "./n.ts", "e", "later"]);
});

test("the outline has one entry for a value and a type of the same name, and the parameters of types", () => {
  const { declared } = parseCell(
    "const both = 1; type both = 2; interface Pair<A extends string = 'a', B = A> {} export interface Pair<A, B> {}",
  ).outline;
  expect(declared).toEqual([
    { name: "both", kind: "other", exported: false },
    { name: "Pair", kind: "type", exported: true, parameters: { declared: "<A, B>", passed: "<A, B>" } },
  ]);
});
