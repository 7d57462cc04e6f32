import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLibrary, type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "shown-"));
  await installLibrary(folder);
  kernel = await startKernel(folder);
  const { reply } = await kernel.run(
    'import { ask, clearOutput, live, markdown, progress, show } from "allroads-kernel";',
  );
  expect(reply.status).toBe("ok");
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a cell and returns its output messages. */
const outputsOf = async (code: string) => {
  const { messages, reply } = await kernel.run(code);
  expect(reply).toMatchObject({ status: "ok" });
  return messages.slice(1);
};

test("show sends one output, and a chart includes an SVG drawing", async () => {
  const [text] = await outputsOf('await show(markdown("**x**"))');
  expect(text).toMatchObject({ type: "display_data", content: { data: { "text/markdown": "**x**" } } });
  const [chart] = await outputsOf(`({
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    data: { values: [{ x: 1 }] }, mark: "point", encoding: { x: { field: "x" } },
  })`);
  expect(chart?.type).toBe("execute_result");
  expect(Object.keys(chart?.content.data)).toEqual([
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "text/plain",
  ]);
});

test("the last update of a live display in a tight loop is sent before idle", async () => {
  const messages = await outputsOf(
    'const view = live(); for (let step = 0; step < 500; step++) { view.update("step " + step); await null; }',
  );
  expect(messages.at(0)?.type).toBe("display_data");
  expect(messages.at(-1)).toMatchObject({
    type: "update_display_data",
    content: { data: { "text/plain": "step 499" } },
  });
});

test("the last update of a progress display is its summary", async () => {
  const messages = await outputsOf(
    'const bar = progress("SFT"); for (let i = 1; i <= 9; i++) bar.update(i, 9); await bar.finish("loss 1");',
  );
  expect(messages.at(-1)?.content.data["text/plain"]).toMatch(/^SFT: 9 of 9 in .* s · loss 1$/);
});

test("a value is shown by its Jupyter.display method, which may be async and must return an object", async () => {
  const [output] = await outputsOf(
    '({ async [Symbol.for("Jupyter.display")]() { return { "text/html": "<i>1</i>" }; } })',
  );
  expect(output?.content.data).toEqual({ "text/html": "<i>1</i>" });
  const { reply } = await kernel.run('({ [Symbol.for("Jupyter.display")]() { return "text"; } })');
  expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("must return an object") });
});

test("clearOutput clears the output, and ask requests a password", async () => {
  expect(await outputsOf("clearOutput(true)")).toEqual([{ type: "clear_output", content: { wait: true } }]);
  const requests: unknown[] = [];
  kernel.onInput((content) => {
    requests.push(content);
    return "secret";
  });
  const { result } = await kernel.run('ask("Key: ", { password: true }).length');
  expect(result).toBe("6");
  expect(requests).toEqual([{ prompt: "Key: ", password: true }]);
});
