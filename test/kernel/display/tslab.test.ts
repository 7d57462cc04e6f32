import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTslab, type TslabClient } from "./tslab-client.ts";

const root = resolve(import.meta.dirname, "..", "..", "..");

/** A tslab kernel in a folder with the display library, bundled from its present source as for the notebooks. */
describe("cells on tslab", () => {
  const folder = mkdtempSync(join(tmpdir(), "cells-"));
  let tslab: TslabClient;

  beforeAll(async () => {
    const packageFolder = join(folder, "node_modules", "allroads-kernel");
    mkdirSync(packageFolder, { recursive: true });
    for (const name of ["vega", "vega-lite"])
      symlinkSync(join(root, "node_modules", name), join(packageFolder, "..", name));
    writeFileSync(join(packageFolder, "package.json"), JSON.stringify({ main: "index.cjs" }));
    await build({
      entryPoints: [join(root, "kernel", "display", "index.ts")],
      outfile: join(packageFolder, "index.cjs"),
      bundle: true,
      format: "cjs",
      platform: "node",
      packages: "external",
      logLevel: "error",
    });
    tslab = await startTslab(folder);
    const { status, messages } = await tslab.run('import { show, live, progress } from "allroads-kernel";');
    expect({ status, messages }).toEqual({ status: "ok", messages: [] });
  });
  afterAll(() => {
    tslab?.stop();
    rmSync(folder, { recursive: true });
  });

  test("the image, the specification and the text of a chart are one output", async () => {
    await tslab.run(
      'import * as vega from "vega"; import * as vegaLite from "vega-lite/build/vega-lite.js";',
    );
    const { status, messages } = await tslab.run(`
      const spec: any = { data: { values: [{ x: 1, y: 2 }] }, mark: "point", encoding: { x: { field: "x" } } };
      class Chart {
        async [Symbol.for("Jupyter.display")]() {
          const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
          const svg = await view.toSVG();
          return { "application/vnd.vegalite.v5+json": spec, "image/svg+xml": svg, "text/plain": "one point" };
        }
      }
      await show(new Chart());`);
    expect({ status, types: messages.map(({ type }) => type) }).toEqual({
      status: "ok",
      types: ["display_data"],
    });
    const [data] = messages.map(({ content }) => content.data);
    expect(data["application/vnd.vegalite.v5+json"].mark).toBe("point");
    expect(data["image/svg+xml"]).toMatch(/^<svg[\s\S]*<\/svg>$/);
    expect(data["text/plain"]).toBe("one point");
  });

  test("a live display that is updated in a tight loop ends in its last state", async () => {
    const { messages } = await tslab.run(`
      const view = live();
      for (let step = 0; step < 500; step++) { view.update("step " + step); await Promise.resolve(); }`);
    expect(messages[0]?.type).toBe("display_data");
    expect(messages.slice(1).every(({ type }) => type === "update_display_data")).toBe(true);
    expect(messages.at(-1)?.content.data["text/plain"]).toBe("step 499");
    expect(new Set(messages.map(({ content }) => content.transient.display_id)).size).toBe(1);
  });

  test("progress ends with one closing line", async () => {
    const { messages } = await tslab.run(
      'const bar = progress("SFT"); for (let i = 1; i <= 9; i++) bar.update(i, 9); await bar.finish("loss 1");',
    );
    expect(messages.at(-1)?.content.data["text/plain"]).toMatch(/^SFT: 9 of 9 in .* s · loss 1$/);
    expect(messages.at(-1)?.type).toBe("update_display_data");
  });

  test("thousands of outputs of one cell all arrive", async () => {
    const { status, messages } = await tslab.run("for (let i = 0; i < 3000; i++) console.log(i);");
    expect(status).toBe("ok");
    expect(messages.map(({ content }) => content.text).join("")).toBe(
      Array.from({ length: 3000 }, (_, i) => `${i}\n`).join(""),
    );
  });
});
