import { expect, test } from "vitest";
import type { DocumentId } from "../../../kernel/session/document-id.ts";
import {
  addDocument,
  contextOf,
  documentText,
  documentTexts,
  emptyDocuments,
  type Owners,
  prologue,
} from "../../../kernel/session/documents.ts";
import { parseCell } from "../../../kernel/session/parse-cell.ts";

const prologueOf = (owners: Map<string, Owners>, source: string) =>
  prologue(contextOf({ ...emptyDocuments(), owners }, parseCell(source)), "./index.ts");

test("the prologue of a cell imports the names it uses and does not declare itself", () => {
  const owners = new Map<string, Owners>([
    ["a", { value: { id: "c1", kind: "const" } }],
    ["f", { value: { id: "c1", kind: "function" } }],
    ["g", { value: { id: "d2", kind: "function" } }],
    ["h", { value: { id: "d2", kind: "function" } }],
    ["global", { value: { id: "d3", kind: "function" } }],
  ]);
  expect(prologueOf(owners, "function g() { return f(a) }")).toBe(
    'import * as __cells from "./index.ts"; import f = __cells.c1.f; declare const a: typeof __cells.c1.a; ;',
  );
});

test("a cell with Unicode escapes imports all names", () => {
  const owners = new Map<string, Owners>([
    ["g", { type: { id: "d2", kind: "type" } }],
    ["h", { type: { id: "d2", kind: "type" } }],
  ]);
  expect(prologueOf(owners, "\\u0068()")).toContain("import g = __cells.d2.g; import h = __cells.d2.h;");
});

test("documents are removed once they are no longer reachable from any name", () => {
  const documents = emptyDocuments();
  const add = (id: DocumentId, source: string) => {
    const cell = parseCell(source);
    addDocument(documents, id, source, cell, contextOf(documents, cell));
    return [...documents.texts.keys()];
  };
  add("c1", "interface T { x: number }");
  add("c2", "const t: T = { x: 1 }");
  add("c3", "interface T { y: number }");
  expect(add("c4", "let u = 1")).toEqual(["c1", "c2", "c3", "c4"]);
  expect(add("c5", "let t = 2")).toEqual(["c3", "c4", "c5"]);
  for (let round = 0; round < 20; round++) add(`d${round}`, round % 2 ? "const p = 1" : "const q = 2");
  expect(documents.texts.size).toBe(5);
});

/** Adds cells to new documents: their ids and sources, with the cell's own id behind them if the client tells it. */
function documentsOf(...cells: [DocumentId, string, string?][]) {
  const documents = emptyDocuments();
  for (const [id, source, cellId] of cells) {
    const cell = parseCell(source, cellId);
    const context = contextOf(documents, cell);
    addDocument(documents, id, documentText(cell, context, "./index.ts"), cell, context);
  }
  return documentTexts(documents);
}

test("an interface of another cell is added to a cell's own one, which the earlier one then extends", () => {
  const texts = documentsOf(
    [
      "c1",
      "type Age = number; export interface User<T = string> {\n  name: T // who\n  age: Age\n}\nconst f = (u: User) => u",
    ],
    ["c2", "interface User<T = string> { mail: string }"],
  );
  expect(texts.get("c2")?.split("\n")).toEqual([
    'import * as __cells from "./index.ts"; import Age = __cells.c1.Age; declare const f: typeof __cells.c1.f; ' +
      "interface User<T = string> {\u2028  name: T // who\u2028  age: Age\u2028} ;",
    "interface User<T = string> { mail: string }",
    "; export { User };",
  ]);
  expect(texts.get("c1")?.split("\n").at(-1)).toBe(
    "export interface User<T = string> extends __cells.c2.User<T> {}",
  );
});

/** The names of the properties in the document that declares an interface last. */
const propertiesOf = (...cells: [DocumentId, string, string?][]) =>
  [...[...documentsOf(...cells).values()].at(-1)!.matchAll(/\w+(?=:)/g)].map(([name]) => name).sort();

test("a cell that is run again replaces its own part of an interface, also after an edit", () => {
  expect(
    propertiesOf(
      ["c1", "interface I { a: 1 }", "first"],
      ["c2", "interface I { b: 2 }", "second"],
      ["c3", "interface I { c: 3 }", "first"],
    ),
  ).toEqual(["b", "c"]);
});

test("without ids, a cell that repeats a property or changes the type parameters replaces the interface", () => {
  expect(propertiesOf(["c1", "interface I { a: 1 }"], ["c2", "interface I { b: 1 }"])).toEqual(["a", "b"]);
  expect(propertiesOf(["c1", "interface I { a: 1 }"], ["c2", "interface I { a: 2; b: 1 }"])).toEqual([
    "a",
    "b",
  ]);
  expect(propertiesOf(["c1", "interface I { a: 1; c: 1 }"], ["c2", "interface I { a: 2; b: 1 }"])).toEqual([
    "a",
    "b",
  ]);
  expect(propertiesOf(["c1", "interface I { a: 1 }"], ["c2", "interface I<T> { b: T }"])).toEqual(["b"]);
  expect(
    propertiesOf(["c1", "interface I { a: 1 }"], ["c2", "type I = 0"], ["c3", "interface I { b: 1 }"]),
  ).toEqual(["b"]);
});
