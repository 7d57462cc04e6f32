import { expect, test } from "vitest";
import {
  addDocument,
  type DocumentId,
  emptyDocuments,
  type Owners,
  prologue,
  usedNames,
} from "../../../kernel/session/documents.ts";
import { parseCell } from "../../../kernel/session/parse-cell.ts";

test("the prologue of a cell imports the names it uses and does not declare itself", () => {
  const owners = new Map<string, Owners>([
    ["a", { value: { id: "c1", kind: "const" } }],
    ["f", { value: { id: "c1", kind: "function" } }],
    ["g", { value: { id: "d2", kind: "function" } }],
    ["h", { value: { id: "d2", kind: "function" } }],
    ["global", { value: { id: "d3", kind: "function" } }],
  ]);
  const prologueOf = (source: string) => prologue(usedNames(owners, parseCell(source)), "./index.ts");
  expect(prologueOf("function g() { return f(a) }")).toBe(
    'import * as __cells from "./index.ts"; import f = __cells.c1.f; declare const a: typeof __cells.c1.a; ;',
  );
});

test("a cell with Unicode escapes imports all names", () => {
  const owners = new Map<string, Owners>([
    ["g", { type: { id: "d2", kind: "type" } }],
    ["h", { type: { id: "d2", kind: "type" } }],
  ]);
  const text = prologue(usedNames(owners, parseCell("\\u0068()")), "./index.ts");
  expect(text).toContain("import g = __cells.d2.g; import h = __cells.d2.h;");
});

test("documents are removed once they are no longer reachable from any name", () => {
  const documents = emptyDocuments();
  const add = (id: DocumentId, source: string) => {
    const cell = parseCell(source);
    addDocument(documents, id, source, cell, usedNames(documents.owners, cell));
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
