/** The colours of the two bars of the chart. */
export const COLOURS = ["#1f77b4", "#d62728"];

const CELLS = [
  `import { ask, progress, show } from "allroads-kernel";
import { existsSync } from "node:fs";
/** The roads, with their lengths in kilometres. */
const roads: { name: string; length: number }[] = [{ name: "old", length: 3 }, { name: "new", length: 5 }];
console.log("planned:", roads.length);
console.error("not surveyed");
roads.map(({ length }) => length)`,
  `({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: "The roads' lengths.",
  width: 300,
  data: { values: roads },
  mark: { type: "bar", tooltip: true },
  encoding: {
    x: { field: "length", type: "quantitative" },
    y: { field: "name", type: "nominal" },
    color: { field: "name", type: "nominal", scale: { range: ${JSON.stringify(COLOURS)} } },
  },
})`,
  `await show(
  { columns: ["km"], index: roads.map(({ name }) => name), values: roads.map(({ length }) => [length]) },
  { caption: "Roads" },
)`,
  `const bar = progress("Survey");
bar.update(1, 2);
while (!existsSync("surveyed")) await new Promise((done) => setTimeout(done, 20));
bar.update(2, 2);
await bar.finish("all dry")`,
];

/** A notebook about two roads. Its last cell waits for a file `surveyed` in its folder. */
export const roads = {
  cells: CELLS.map((source, place) => ({
    cell_type: "code",
    id: `cell-${place}`,
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  })),
  metadata: { kernelspec: { name: "allroads", display_name: "TypeScript", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
};
