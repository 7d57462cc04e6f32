import fc from "fast-check";
import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";
import { unescapeHtml } from "../../../kernel/display/escape.ts";
import { type TableLike, tableBundle } from "../../../kernel/display/table.ts";

const range = (rows: number) => Array.from({ length: rows }, (_, row) => row);

function frame(
  columns: string[],
  values: unknown[],
  index: (string | number)[] = range(values.length),
): TableLike {
  return { columns, index, values };
}

/** The unescaped texts of all elements with a tag name. */
function elements(markup: unknown, tag: string): string[] {
  const found = String(markup).matchAll(new RegExp(`<${tag}(?: [^>]*)?>([^<]*)</${tag}>`, "g"));
  return Array.from(found, ([, text = ""]) => unescapeHtml(text));
}

test("cells, column names and row labels are escaped", () => {
  const grid = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.record({
      names: fc.array(fc.string(), { minLength: columns, maxLength: columns }),
      rows: fc.array(fc.array(fc.string(), { minLength: columns, maxLength: columns }), { maxLength: 5 }),
      caption: fc.string({ minLength: 1 }),
    }),
  );
  fc.assert(
    fc.property(grid, ({ names, rows, caption }) => {
      const labels = rows.map((_, row) => `<${row}>`);
      const markup = tableBundle(frame(names, rows, labels), { caption })["text/html"];
      expect(elements(markup, "td").filter((_, cell) => cell > 0)).toEqual(rows.flat().slice(0));
      expect(elements(markup, "th")).toEqual([...names, ...labels]);
      expect(elements(markup, "caption")).toEqual([caption]);
    }),
    { examples: [[{ names: ["<b>"], rows: [["</td><script>"]], caption: "\"&'" }]] },
  );
});

test("numbers are aligned right, with the same number of decimals in a column", () => {
  const values = [
    ["SFT", 0.31234, 100, 1],
    ["DPO", 2, 7, 1e-9],
    [null, Number.NaN, 0, 0],
  ];
  const { "text/html": markup, "text/plain": text } = tableBundle(frame(["arm", "win", "n", "p"], values), {
    digits: 2,
  });
  expect(elements(markup, "td")).toEqual([
    "SFT",
    "0.31",
    "100",
    "1.00",
    "DPO",
    "2.00",
    "7",
    "1.0e-9",
    "–",
    "NaN",
    "0",
    "0.00",
  ]);
  expect(markup).toContain('<th scope="col" style="text-align:left">arm</th>');
  expect(markup).toContain('<td style="text-align:right">0.31</td>');
  expect(text).toBe(
    [
      "arm   win    n       p",
      "SFT  0.31  100    1.00",
      "DPO  2.00    7  1.0e-9",
      "–     NaN    0    0.00",
    ].join("\n"),
  );
});

test("a Series is one column; row labels are shown unless they are 0, 1, 2…", () => {
  const plain = tableBundle(frame(["win"], [1, 2]))["text/html"];
  expect(elements(plain, "td")).toEqual(["1", "2"]);
  expect(plain).not.toContain('scope="row"');
  const named = tableBundle(frame(["win"], [1, 2], ["a", "b"]))["text/html"];
  expect(named).toContain('<th scope="row" style="text-align:left">a</th>');
});

test("a note tells how many rows there are if some are not shown", () => {
  const table = frame(
    ["x"],
    range(100).map((x) => [x]),
  );
  expect(elements(tableBundle(table)["text/html"], "td")).toHaveLength(30);
  const { "text/html": markup, "text/plain": text } = tableBundle(table, { rows: 2 });
  expect(elements(markup, "td")).toEqual(["0", "1"]);
  expect(markup).toContain("The first 2 of 100 rows.");
  expect(text).toBe("x\n0\n1\nThe first 2 of 100 rows.");
  expect(tableBundle(table, { rows: 100 })["text/html"]).not.toContain("The first");
});

test("an invalid option is rejected by name", () => {
  expect(() => tableBundle(frame(["x"], []), { rows: -1 })).toThrow("the option rows is -1");
  expect(() => tableBundle(frame(["x"], []), { digits: 2.5 })).toThrow("the option digits is 2.5");
});

test("any value with columns, index and values is shown as a table", () => {
  expect(toBundle(frame(["x"], [[1]]), { caption: "One" })).toHaveProperty(["text/html"]);
  expect(toBundle({ columns: ["x"], values: [[1]] })).not.toHaveProperty(["text/html"]);
});
