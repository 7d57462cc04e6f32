import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLibrary, type KernelClient, startKernel } from "./kernel-client.ts";

const folder = mkdtempSync(join(tmpdir(), "shown-"));
let kernel: KernelClient;

beforeAll(async () => {
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

const shown = async (code: string) => {
  const { messages, reply } = await kernel.run(code);
  expect(reply).toMatchObject({ status: "ok" });
  return messages.slice(1);
};

test("show sends one output, and a chart is drawn for those who cannot draw it", async () => {
  const [text] = await shown('await show(markdown("**x**"))');
  expect(text).toMatchObject({ type: "display_data", content: { data: { "text/markdown": "**x**" } } });
  const [chart] = await shown(`({
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    data: { values: [{ x: 1 }] }, mark: "point", encoding: { x: { field: "x" } },
  })`);
  expect(chart!.type).toBe("execute_result");
  expect(Object.keys(chart!.content.data)).toEqual([
    "application/vnd.vegalite.v5+json",
    "image/svg+xml",
    "text/plain",
  ]);
});

test("a live display that a loop without a pause updates ends in its last state, before idle", async () => {
  const messages = await shown(
    'const view = live(); for (let step = 0; step < 500; step++) { view.update("step " + step); await null; }',
  );
  expect(messages[0]!.type).toBe("display_data");
  expect(messages.at(-1)).toMatchObject({
    type: "update_display_data",
    content: { data: { "text/plain": "step 499" } },
  });
});

test("progress ends in one closing line", async () => {
  const messages = await shown(
    'const bar = progress("SFT"); for (let i = 1; i <= 9; i++) bar.update(i, 9); await bar.finish("loss 1");',
  );
  expect(messages.at(-1)!.content.data["text/plain"]).toMatch(/^SFT: 9 of 9 in .* s · loss 1$/);
});

test("what shows itself does, also in a promise; what it must not return is told", async () => {
  const [own] = await shown(
    '({ async [Symbol.for("Jupyter.display")]() { return { "text/html": "<i>1</i>" }; } })',
  );
  expect(own!.content.data).toEqual({ "text/html": "<i>1</i>" });
  const { reply } = await kernel.run('({ [Symbol.for("Jupyter.display")]() { return "text"; } })');
  expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("must return an object") });
});

test("output is cleared, and a password is asked for", async () => {
  expect(await shown("clearOutput(true)")).toEqual([{ type: "clear_output", content: { wait: true } }]);
  const asked: unknown[] = [];
  kernel.onInput((content) => {
    asked.push(content);
    return "secret";
  });
  const { result } = await kernel.run('ask("Key: ", { password: true }).length');
  expect(result).toBe("6");
  expect(asked).toEqual([{ prompt: "Key: ", password: true }]);
});
