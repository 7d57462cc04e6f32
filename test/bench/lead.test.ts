import { expect, test } from "vitest";
import { leadOf } from "./lead.mjs";

const blocks = (seconds: number) =>
  [1, 2, 3].map((slow) => ({ steps: 1, seconds: slow * seconds, cores: 1, foreign: 0 }));
const even = (median: number) => ({ median, low: median, high: median });

test("a lead is split into the engine and the sharing of prompts", () => {
  const measured = {
    "torch-fused": blocks(16),
    "torch-compile": blocks(4),
    "torch-shared": blocks(12),
    jax: blocks(8),
    eager: blocks(1),
    compiled: blocks(2),
  };
  expect(leadOf(measured, true)).toEqual({
    overall: { peer: "torch-compile", ratio: even(0.5) },
    engine: { peer: "jax", ratio: even(0.25) },
    algorithm: even(0.75),
  });
});

test("sampling has only one ratio, since all share the reading of prompts", () => {
  expect(leadOf({ torch: blocks(4), jax: blocks(2), compiled: blocks(3) }, false)).toEqual({
    overall: { peer: "jax", ratio: even(1.5) },
    engine: null,
    algorithm: null,
  });
});

test("what was not measured is left open", () => {
  expect(leadOf({ torch: blocks(4), compiled: blocks(2) }, true)).toEqual({
    overall: { peer: "torch", ratio: even(0.5) },
    engine: null,
    algorithm: null,
  });
  expect(leadOf({ eager: blocks(1), compiled: blocks(2) }, true)).toBeNull();
  expect(leadOf({ jax: blocks(1) }, true)).toBeNull();
});
