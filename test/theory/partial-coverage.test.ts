import { expect, test } from "vitest";
import { counterexampleRlhf } from "../../src/theory/counterexample.ts";
import { coverageGrid, coverageOptima } from "../../src/theory/partial-coverage.ts";

test("without coverage RLHF is the slides' example, and DPO's policy has the slides' ratio and most mass on ξ3", () => {
  for (const beta of [0.2, 0.5, 1, 2]) {
    const { dpo, rlhf } = coverageOptima(0, beta);
    for (const [at, p] of counterexampleRlhf(beta).entries()) expect(rlhf[at]).toBeCloseTo(p, 12);
    // θ = 1 / β, so that the logits are 1 / β, 0 and 2 / β.
    const weights = [Math.exp(1 / beta), 1, Math.exp(2 / beta)];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [at, weight] of weights.entries()) expect(dpo[at]).toBeCloseTo(weight / total, 9);
  }
});

test("DPO minimises the expected Bradley-Terry loss over θ", () => {
  const [coverage, beta] = [0.1, 0.5];
  const { dpo } = coverageOptima(coverage, beta);
  const reference = [0.45, 0.45, 0.1];
  const rewards = [1, 0, 0];
  const loss = (theta: number) => {
    const logits = [theta, 0, 2 * theta];
    const local = logits.map((logit, at) => beta * (logit - Math.log(reference[at]!)));
    let sum = 0;
    for (let one = 0; one < 3; one++)
      for (let other = 0; other < 3; other++) {
        if (one === other) continue;
        const p = 1 / (1 + Math.exp(rewards[other]! - rewards[one]!));
        sum += reference[one]! * reference[other]! * p * Math.log1p(Math.exp(local[other]! - local[one]!));
      }
    return sum;
  };
  const theta = Math.log(dpo[0] / dpo[1]);
  expect(Math.log(dpo[2] / dpo[1])).toBeCloseTo(2 * theta, 9);
  for (const step of [-1e-3, 1e-3]) expect(loss(theta)).toBeLessThan(loss(theta + step));
});

test("DPO's probability of ξ3 falls as the data say more about it", () => {
  const masses = coverageGrid([0, 0.02, 0.05, 0.1], [0.5]).map(({ dpo }) => dpo[2]);
  expect([...masses].sort((a, b) => b - a)).toEqual(masses);
});

test("a coverage or β that is none is an error", () => {
  expect(() => coverageOptima(1, 1)).toThrow("The coverage must be from 0 to below 1, not 1.");
  expect(() => coverageOptima(0.1, 0)).toThrow("β must be above 0, not 0.");
});
