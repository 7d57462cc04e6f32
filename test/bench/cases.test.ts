import { expect, test } from "vitest";
import { baselineCandidates, casesForSize, isPeer, runnerNamed, sideBySideRunners } from "./cases.mjs";

const cases = casesForSize("lab", ["eager", "compiled"]);

test("each runner of a case is known and occurs once", () => {
  for (const { runners } of [...cases, ...casesForSize("d128", ["compiled"])]) {
    expect(new Set(runners).size).toBe(runners.length);
    for (const name of runners)
      expect(runnerNamed(name).label).toMatch(/PyTorch|torch|transformers|JAX|Allroads/);
  }
});

test("training steps have peers of all kinds: eager and compiled, with shared prompts and without", () => {
  for (const { work, runners } of cases.filter((each) => each.work === "sft" || each.work === "dpo")) {
    const peers = runners.filter(isPeer);
    for (const name of ["torch", "torch-compile", "torch-shared", "torch-shared-compile", "jax"])
      expect(peers, work).toContain(name);
  }
});

test("the baseline is eager PyTorch, or the first runner if that is missing", () => {
  expect(baselineCandidates("dpo", ["compiled", "torch-fused", "torch"])).toEqual(["torch", "torch-fused"]);
  expect(baselineCandidates("dpo", ["compiled", "torch-fused"])).toEqual(["torch-fused"]);
  expect(baselineCandidates("sample", ["jax", "compiled"])).toEqual(["jax"]);
  expect(() => baselineCandidates("sft", [])).toThrow("at least one runner");
});

test("the laboratory's training and sampling are also measured side by side, by those that work", () => {
  const [, , sampling] = cases;
  if (!sampling) throw new Error("There is no case of sampling.");
  expect(sideBySideRunners(sampling, "torch", sampling.runners)).toEqual(["torch", "jax", "compiled"]);
  expect(sideBySideRunners(sampling, "jax", ["jax", "compiled"])).toEqual(["jax", "compiled"]);
  expect(sideBySideRunners({ size: "d128", work: "sample" }, "torch", sampling.runners)).toEqual([]);
  expect(sideBySideRunners({ size: "lab", work: "generate" }, "torch", sampling.runners)).toEqual([]);
});
