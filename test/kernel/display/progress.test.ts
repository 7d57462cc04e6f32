import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { percent, progress, progressBundle } from "../../../kernel/display/progress.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("the percentage is a whole number, and 100 only when everything is done", () => {
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

test("a running bar is a labelled progress element, a finished one is a line of text", () => {
  const state = { title: "SFT <1>", done: 30, total: 120, elapsed: 12_000, left: 36_000, note: "loss 1.2" };
  const running = progressBundle(state);
  expect(running["text/plain"]).toBe("SFT <1>: 25 % · 30 of 120 · 12 s elapsed · 36 s left · loss 1.2");
  expect(running["text/html"]).toContain(
    '<label><strong><bdi>SFT &lt;1&gt;</bdi></strong> <progress max="100" value="25">',
  );
  const finished = progressBundle({ ...state, done: 120, finished: true });
  expect(finished["text/plain"]).toBe("SFT <1>: 120 of 120 in 12 s · loss 1.2");
  expect(finished["text/html"]).not.toContain("<progress");
});

test("a bar of things that differ in size counts them, and shows the share of the work and the time left", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  const bar = progress("Comparison");
  const update = (at: number, done: number, share: number) => {
    now = at;
    bar.update(done, 9, "sft (seed 42)", { unit: "stages", share });
  };
  update(0, 0, 0.1);
  update(40_000, 2, 0.5);
  // It begins anew: the time left is estimated from here.
  update(80_000, 0, 0);
  update(120_000, 1, 0.25);
  expect(lines).toEqual([
    "Comparison: 50 % · 2 of 9 stages · 40 s elapsed · 50 s left · sft (seed 42)\n",
    "Comparison: 0 % · 0 of 9 stages · 1 min 20 s elapsed · sft (seed 42)\n",
    "Comparison: 25 % · 1 of 9 stages · 2 min 00 s elapsed · 2 min 00 s left · sft (seed 42)\n",
  ]);
  const state = { title: "Comparison", done: 9, total: 9, unit: "stages", share: 1, elapsed: 5000 };
  expect(progressBundle({ ...state, finished: true })["text/plain"]).toBe(
    "Comparison: 9 of 9 stages in 5.0 s",
  );
  expect(progressBundle(state)["text/html"]).toContain('<progress max="100" value="100">');
});

test("outside Jupyter and a terminal there is a line every 30 seconds", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  const bar = progress("SFT");
  for (now = 0; now < 65_000; now += 1000) bar.update(now / 1000, 120, "loss 1.2");
  await bar.finish();
  expect(lines).toEqual([
    "SFT: 25 % · 30 of 120 · 30 s elapsed · 1 min 30 s left · loss 1.2\n",
    "SFT: 50 % · 60 of 120 · 1 min 00 s elapsed · 1 min 00 s left · loss 1.2\n",
  ]);
});
