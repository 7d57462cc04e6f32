import { writeFileSync } from "node:fs";
import path from "node:path";
import { html, markdown, svg, toBundle } from "../../../kernel/display/bundle.ts";
import { tableBundle } from "../../../kernel/display/table.ts";

type Cell = Record<string, unknown>;

/** A Markdown cell. */
export const text = (source: string, tags: string[] = []): Cell => ({
  cell_type: "markdown",
  metadata: { tags },
  source,
});

/** A code cell with the outputs of `values`; strings are output on stdout. */
export async function code(source: string, values: unknown[] = [], tags: string[] = []): Promise<Cell> {
  const outputs = values.map(async (value) =>
    typeof value === "string"
      ? { output_type: "stream", name: "stdout", text: value }
      : { output_type: "display_data", metadata: {}, data: await toBundle(value) },
  );
  return {
    cell_type: "code",
    execution_count: 1,
    metadata: { tags },
    source,
    outputs: await Promise.all(outputs),
  };
}

/** What execute.py writes about a run into the metadata of its notebook. */
export const runMetadata = (name = "name") => ({
  title: `Title of ${name}`,
  abstract: `What ${name} is about.`,
  preset: "smoke",
  kernel: "allroads",
  parameters: {},
  status: "done",
  started: "2026-01-02T03:04:05+00:00",
  seconds: 75,
});

/** Writes an executed notebook; `run` overrides its metadata. */
export function writeNotebook(folder: string, name: string, cells: Cell[], run: object = {}): void {
  const allroads = { ...runMetadata(name), ...run };
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: { allroads }, cells };
  writeFileSync(path.join(folder, `${name}.ipynb`), JSON.stringify(notebook));
}

/** A Vega-Lite bar chart with tooltips. */
export const barChart = (title: string) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  title,
  description: `${title}: a is 3, b is 5.`,
  width: 300,
  height: 120,
  data: {
    values: [
      { name: "a", value: 3.45678 },
      { name: "b", value: 5 },
    ],
  },
  mark: "bar",
  encoding: {
    x: { field: "value", type: "quantitative" },
    y: { field: "name", type: "nominal" },
    tooltip: [
      { field: "name", type: "nominal" },
      { field: "value", type: "quantitative" },
    ],
  },
});

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const picture = {
  [Symbol.for("Jupyter.display")]: () => ({ "image/png": PIXEL, "text/plain": "One pixel" }),
};

const wide = tableBundle(
  {
    columns: Array.from({ length: 14 }, (_, at) => `column ${at}`),
    index: [0],
    values: [Array.from({ length: 14 }, (_, at) => 1000.5 * at)],
  },
  { caption: "A wide table" },
);
const table = { [Symbol.for("Jupyter.display")]: () => wide };

/** Writes two executed notebooks with every kind of content that pages can have. */
export async function writeNotebooks(folder: string): Promise<void> {
  await writeFirst(folder);
  await writeSecond(folder);
}

async function writeFirst(folder: string): Promise<void> {
  writeNotebook(
    folder,
    "01-first",
    [
      text(
        "# Does A < B & *why*?\n\nAn opening with a [link](https://example.org/) and `code`.\n\n## A part",
      ),
      await code("// Draw the bars\nconst a = 1;", [barChart("Bars")]),
      text(
        "### A smaller part\n\n- one\n- two\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\nSee [the bars](#figure-1).",
      ),
      await code(`const long = [${'"a word", '.repeat(60)}];`, ["printed\n", table]),
      await code(
        "// Verdicts",
        [markdown("**Verdict: supported.**"), html("<p>In a table:</p>"), table],
        ["index"],
      ),
      text("## Another part\n\nThe end."),
    ],
    { title: "Does A < B & why?", abstract: "A *plain* <abstract>." },
  );
}

async function writeSecond(folder: string): Promise<void> {
  const drawing = (name: string) =>
    svg(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40" role="img" aria-labelledby="t"><title id="t">${name}</title><clipPath id="c"><rect width="40" height="40"/></clipPath><g clip-path="url(#c)"><circle cx="20" cy="20" r="15"/></g></svg>`,
      name,
    );
  const failed = await code("// Fail\nthrow new Error('boom');");
  failed.outputs = [
    { output_type: "error", ename: "Error", evalue: "boom", traceback: ["\u001b[31mError\u001b[0m: boom"] },
  ];
  writeNotebook(
    folder,
    "02-second",
    [
      text("# The second\n\nAn opening.\n\n## One\n\n## Two"),
      await code("", [picture, drawing("First")]),
      await code("// The figure that counts", [drawing("Chosen"), barChart("Second bars")], ["figure"]),
      text("A sentence for the index.", ["index"]),
      failed,
    ],
    { title: "The second", status: "failed", preset: "laptop", started: "2026-02-03T03:04:05+00:00" },
  );
}
