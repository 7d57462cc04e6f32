import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { staleFiles } from "../../kernel/evaluate/module-loader.ts";
import { codePointsBefore, utf16Offset } from "../../kernel/session/completion.ts";
import { completeness } from "../../kernel/session/is-complete.ts";
import { codeFrame } from "../../kernel/session/diagnostics.ts";
import {
  addDocument,
  type Id,
  noDocuments,
  type Owner,
  prologue,
  usedBy,
} from "../../kernel/session/documents.ts";
import { type Entry, fitsGlob, openHistory, select } from "../../kernel/session/history.ts";
import { enclosingCallee } from "../../kernel/session/inspection.ts";
import { messageReader } from "../../kernel/session/language-server.ts";
import { readCell } from "../../kernel/session/parse-cell.ts";

test("Jupyter's cursor and the engine's offset lead to one another", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, at) => {
      const points = Math.min(at, [...text].length);
      expect(codePointsBefore(text, utf16Offset(text, points))).toBe(points);
    }),
  );
  expect(utf16Offset("😀.a", 2)).toBe(3);
});

describe("is_complete", () => {
  test.each([
    ["1 + 1", "complete"],
    ["type A = { x: number }", "complete"],
    ["await x", "complete"],
    ["function f() {", "incomplete"],
    ["const t = `a\nb", "incomplete"],
    ["const t = `a ${b", "incomplete"],
    ["foo(1,", "incomplete"],
    ["/* a", "incomplete"],
    ["interface A {", "incomplete"],
    ["const a = 'b", "invalid"],
    ["const 1 = 2", "invalid"],
    ["}", "invalid"],
  ])("%j is %s", async (source, status) => {
    expect((await completeness(source)).status).toBe(status);
  });

  test("the next line is indented", async () => {
    expect(await completeness("if (a) {\n  for (const b of c) {")).toEqual({
      status: "incomplete",
      indent: "    ",
    });
    expect(await completeness("foo(\n    1,")).toEqual({ status: "incomplete", indent: "    " });
  });
});

describe("what a cell declares", () => {
  test("values and types, with what later cells may do with them", () => {
    const { declared, specifiers } = readCell(`
      import d, { type T, v as w } from "m"; import * as n from "./n.ts"; import e = require("e");
      const { a, b: [c] } = x; let m; var o; function f() {} class K {} interface I {} type A = 1; enum E {}
      namespace N {} export const p = 1; declare const q: 1; for (var i = 0;;) {} await import("later"); @dec class D {}`).outline;
    const of = (kind: string) => declared.filter((each) => each.kind === kind).map(({ name }) => name);
    expect(of("const")).toEqual(["a", "c", "p", "q"]);
    expect(of("let")).toEqual(["m", "o", "i"]);
    expect(of("other")).toEqual(["d", "T", "w", "n", "e", "f", "K", "I", "A", "E", "N", "D"]);
    expect(declared.filter(({ exported }) => exported).map(({ name }) => name)).toEqual(["p"]);
    expect(specifiers).toEqual(["m", "./n.ts", "e", "later"]);
  });

  test("a cell brings in what it uses of others and does not declare itself", () => {
    const owners = new Map<string, Owner>([
      ["a", { id: "c1", kind: "const" }],
      ["f", { id: "c1", kind: "other" }],
      ["g", { id: "d2", kind: "other" }],
      ["h", { id: "d2", kind: "other" }],
      ["global", { id: "d3", kind: "other" }],
    ]);
    const usedIn = (source: string) => prologue(usedBy(owners, readCell(source)), "./hub.ts");
    expect(usedIn("function g() { return f(a) }")).toBe(
      'import * as __cells from "./hub.ts"; import f = __cells.c1.f; declare const a: typeof __cells.c1.a; ;',
    );
    expect(usedIn("\\u0068()")).toContain("import g = __cells.d2.g; import h = __cells.d2.h;");
  });

  test("a document goes once no name leads to it", () => {
    const documents = noDocuments();
    const add = (id: Id, source: string) => {
      const cell = readCell(source);
      addDocument(documents, id, source, cell, usedBy(documents.owners, cell));
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
});

test("a code frame marks the place", () => {
  const plain = codeFrame("a\nbc\nd\ne", { line: 1, column: 1, length: 9 }).map((line) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours
    line.replace(/\u001b\[\d+m/g, ""),
  );
  expect(plain).toEqual(["  1 | a", "> 2 | bc", "    |  ^", "  3 | d"]);
});

test("the call around a place is found", () => {
  const at = (source: string) => enclosingCallee(source.replace("|", ""), source.indexOf("|"));
  expect(at("foo(1, |")).toBe(0);
  expect(at("a.foo(bar(1), [2, |])")).toBe(2);
  expect(at("foo(1) + |")).toBe(-1);
  expect(at("new Map<string, number>(|")).toBe(4);
});

test("messages of a language server are cut where they end", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.integer({ min: 1, max: 9 }), (texts, size) => {
      const bytes = Buffer.concat(
        texts.map((text) => Buffer.from(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)),
      );
      const found: string[] = [];
      const read = messageReader((text) => found.push(text));
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
      expect(found).toEqual(texts);
    }),
  );
});

describe("history", () => {
  const entries: Entry[] = [
    { session: 1, line: 1, input: "one" },
    { session: 1, line: 2, input: "two", output: "2" },
    { session: 2, line: 1, input: "one" },
    { session: 2, line: 2, input: "three" },
  ];
  const inputs = (request: object) =>
    select(entries, request, 2).map(({ session, input }) => `${session} ${input}`);

  test("tail, range and search", () => {
    expect(inputs({ hist_access_type: "tail", n: 2 })).toEqual(["2 one", "2 three"]);
    expect(inputs({ hist_access_type: "range", session: 1, start: 1, stop: 2 })).toEqual(["1 one"]);
    expect(inputs({ hist_access_type: "range", session: -1 })).toEqual(["1 one", "1 two"]);
    expect(inputs({ hist_access_type: "range", session: 0, start: 2 })).toEqual(["2 three"]);
    expect(inputs({ hist_access_type: "search", pattern: "t*" })).toEqual(["1 two", "2 three"]);
    expect(inputs({ hist_access_type: "search", pattern: "?n*", n: 1 })).toEqual(["2 one"]);
    expect(inputs({ hist_access_type: "search", pattern: "one", unique: true })).toEqual(["2 one"]);
  });

  test("a pattern is for whole texts and takes other signs as they are", () => {
    expect(fitsGlob("a.b*", "a.bc\nd")).toBe(true);
    expect(fitsGlob("a.b*", "axb")).toBe(false);
    expect(fitsGlob("b", "abc")).toBe(false);
    const text = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
    fc.assert(
      fc.property(text("ab*?"), text("ab"), (pattern, whole) => {
        const expression = pattern.replace(/\*+/g, "[^]*").replace(/\?/g, "[^]");
        expect(fitsGlob(pattern, whole)).toBe(new RegExp(`^${expression}$`).test(whole));
      }),
      { numRuns: 1000 },
    );
    // An expression would try without end.
    expect(fitsGlob("*a".repeat(50), `${"a".repeat(5000)}b`)).toBe(false);
  });

  test("is there in the next session", async () => {
    const folder = mkdtempSync(join(tmpdir(), "history-"));
    const file = join(folder, "deep", "history.jsonl");
    const first = openHistory(file);
    first.add(1, "x = 1", "1");
    await new Promise(setImmediate);
    const second = openHistory(file);
    expect(second.session).toBe(first.session + 1);
    second.add(1, "y");
    const tail = { hist_access_type: "tail", n: 5, output: true };
    expect(second.reply(tail).history).toEqual([
      [1, 1, ["x = 1", "1"]],
      [2, 1, ["y", null]],
    ]);
    writeFileSync(file, '{"session":7,"line":1,"input":"a"}\n{"ses', { flag: "w" });
    expect(openHistory(file).session).toBe(8);
    const line = (session: number, input: string) => `${JSON.stringify({ session, line: 1, input })}\n`;
    writeFileSync(file, line(8, "first") + line(9, "x".repeat(300_000)));
    const long = openHistory(file);
    expect(long.session).toBe(10);
    expect(long.reply({ hist_access_type: "range", session: -2 }).history).toEqual([[8, 1, "first"]]);
    rmSync(folder, { recursive: true });
  });
});

test("files are loaded anew that changed, or need one that did", () => {
  const entry = (file: string, ...needs: string[]) => ({ file, stamp: 1, needs: new Set(needs) });
  const entries = [
    entry("a", "b"),
    entry("b", "c"),
    entry("c"),
    entry("d"),
    entry("e", "f"),
    entry("f", "e"),
  ];
  const after = (...changed: string[]) =>
    [...staleFiles(entries, (file) => (changed.includes(file) ? 2 : 1))].sort();
  expect(after()).toEqual([]);
  expect(after("c")).toEqual(["a", "b", "c"]);
  expect(after("d")).toEqual(["d"]);
  expect(after("f")).toEqual(["e", "f"]);
});
