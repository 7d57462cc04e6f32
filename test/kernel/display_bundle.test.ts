import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { html, markdown, svg, toBundle } from "../../kernel/display/bundle.ts";
import { escapeHtml, unescapeHtml } from "../../kernel/display/escape.ts";
import { duration, percent, progressBundle } from "../../kernel/display/progress.ts";
import { type TableLike, tableBundle } from "../../kernel/display/table.ts";

const display = Symbol.for("Jupyter.display");
const counted = (rows: number) => Array.from({ length: rows }, (_, row) => row);

function frame(
  columns: string[],
  values: unknown[],
  index: (string | number)[] = counted(values.length),
): TableLike {
  return { columns, index, values };
}

/** The texts of the elements named `tag`, unescaped. */
function elements(markup: unknown, tag: string): string[] {
  const found = String(markup).matchAll(new RegExp(`<${tag}(?: [^>]*)?>([^<]*)</${tag}>`, "g"));
  return [...found].map((match) => unescapeHtml(match[1]!));
}

describe("toBundle", () => {
  test("a value's own display is its bundle, whether it comes at once or later", async () => {
    const bundle = { "application/vnd.vegalite.v5+json": { mark: "bar" }, "image/svg+xml": "<svg/>" };
    expect(toBundle({ [display]: () => bundle })).toBe(bundle);
    expect(await toBundle({ [display]: async () => bundle })).toBe(bundle);
  });

  test("a display that returns no bundle is refused by name", async () => {
    expect(() => toBundle({ [display]: () => 5 })).toThrow(/Jupyter\.display.*returned 5.*MIME/);
    expect(() => toBundle({ [display]: () => ({ html: "<b>1</b>" }) })).toThrow(/MIME/);
    await expect(toBundle({ [display]: async () => null })).rejects.toThrow(/MIME/);
  });

  test("strings are shown as they are, other values as Node inspects them", () => {
    expect(toBundle("a 'b'")).toEqual({ "text/plain": "a 'b'" });
    expect(toBundle({ a: [1] })).toEqual({ "text/plain": "{ a: [ 1 ] }" });
    expect(toBundle(undefined)).toEqual({ "text/plain": "undefined" });
  });

  test("html, markdown and svg carry a text for those who see no markup", () => {
    expect(toBundle(html("<p>1 &lt; 2</p><style>p {}</style>"))).toEqual({
      "text/html": "<p>1 &lt; 2</p><style>p {}</style>",
      "text/plain": "1 < 2",
    });
    expect(toBundle(markdown("*a*"))).toEqual({ "text/markdown": "*a*", "text/plain": "*a*" });
    expect(toBundle(svg("<svg/>", "a box"))).toEqual({ "image/svg+xml": "<svg/>", "text/plain": "a box" });
  });
});

describe("tables", () => {
  test("every cell, name and label reads back as the text it was, whatever it holds", () => {
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

  test("numbers stand right with one number of decimals to a column, whole numbers without", () => {
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

  test("a Series is one column; labels that only count from 0 are left out, others are row headings", () => {
    const plain = tableBundle(frame(["win"], [1, 2]))["text/html"];
    expect(elements(plain, "td")).toEqual(["1", "2"]);
    expect(plain).not.toContain('scope="row"');
    const named = tableBundle(frame(["win"], [1, 2], ["a", "b"]))["text/html"];
    expect(named).toContain('<th scope="row" style="text-align:left">a</th>');
  });

  test("rows beyond the limit are counted in a note", () => {
    const table = frame(
      ["x"],
      counted(100).map((x) => [x]),
    );
    expect(elements(tableBundle(table)["text/html"], "td")).toHaveLength(30);
    const { "text/html": markup, "text/plain": text } = tableBundle(table, { rows: 2 });
    expect(elements(markup, "td")).toEqual(["0", "1"]);
    expect(markup).toContain("The first 2 of 100 rows.");
    expect(text).toBe("x\n0\n1\nThe first 2 of 100 rows.");
    expect(tableBundle(table, { rows: 100 })["text/html"]).not.toContain("The first");
  });

  test("an option that makes no sense is named", () => {
    expect(() => tableBundle(frame(["x"], []), { rows: -1 })).toThrow("the option rows is -1");
    expect(() => tableBundle(frame(["x"], []), { digits: 2.5 })).toThrow("the option digits is 2.5");
  });

  test("anything with columns, index and values is a table", () => {
    expect(toBundle(frame(["x"], [[1]]), { caption: "One" })).toHaveProperty(["text/html"]);
    expect(toBundle({ columns: ["x"], values: [[1]] })).not.toHaveProperty(["text/html"]);
  });
});

test("escaped text reads back and holds no markup", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unescapeHtml(escapeHtml(text))).toBe(text);
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
    { examples: [["&lt;"], ['<a href="x">\'&']] },
  );
});

describe("progress", () => {
  test("durations read as people say them", () => {
    const given = [0, 949, 9_940, 9_960, 59_400, 59_600, 65_000, 3_599_000, 3_600_000, 7_620_000];
    expect(given.map(duration)).toEqual([
      "0.0 s",
      "0.9 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "1 min 05 s",
      "59 min 59 s",
      "1 h 00 min",
      "2 h 07 min",
    ]);
  });

  test("the share is a whole percentage, and 100 only when all is done", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 10_000 }), (done, total) => {
        const share = percent(done, total);
        expect(Number.isInteger(share)).toBe(true);
        expect(share === 100).toBe(done >= total);
        expect(Math.abs(share - (100 * Math.min(done, total)) / total)).toBeLessThanOrEqual(1);
      }),
    );
    expect([percent(0, 0), percent(-1, 5)]).toEqual([0, 0]);
  });

  test("a running bar is a labelled progress element, a finished one a line", () => {
    const state = { title: "SFT <1>", done: 30, total: 120, elapsed: 12_000, left: 36_000, note: "loss 1.2" };
    const running = progressBundle(state);
    expect(running["text/plain"]).toBe("SFT <1>: 25 % · 30 of 120 · 12 s elapsed · 36 s left · loss 1.2");
    expect(running["text/html"]).toContain(
      '<label><strong>SFT &lt;1&gt;</strong> <progress max="100" value="25">',
    );
    const finished = progressBundle({ ...state, done: 120, finished: true });
    expect(finished["text/plain"]).toBe("SFT <1>: 120 of 120 in 12 s · loss 1.2");
    expect(finished["text/html"]).not.toContain("<progress");
  });
});
