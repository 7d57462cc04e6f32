import { expect, test } from "vitest";
import { refusal } from "../refusal.ts";
import { checkAgreement } from "./agreement.mjs";

const training = { size: "lab", work: "dpo" as const, runners: ["compiled", "torch"] };
const sampling = { size: "lab", work: "sample" as const, runners: ["eager", "torch"] };

test("losses may differ by rounding errors only", () => {
  const torch = [0.7, 0.68, 0.66];
  const values = { compiled: torch.map((loss) => loss * 1.0009), torch };
  const differences = checkAgreement(training, values, "torch", 0);
  expect(differences.torch).toBe(0);
  expect(differences.compiled).toBeCloseTo(9e-4, 9);
  for (const compiled of [torch.map((loss) => loss * 1.002), torch.slice(1), [0.7, 0.68, Number.NaN]]) {
    const message = refusal(() => checkAgreement(training, { compiled, torch }, "torch", 0), 1);
    expect(message).toMatch(
      /^lab DPO: Allroads, compiled and PyTorch, eager differ by .* do not compute the same/,
    );
  }
});

test("at least half of the greedy completions must be equal", () => {
  const torch = [1, 2, 3, 4, 5, 6, 7, 8];
  const values = { eager: [1, 2, 3, 4, 0, 0, 0, 0], torch };
  expect(checkAgreement(sampling, values, "torch", 2)).toEqual({ eager: 0.5, torch: 0 });
  for (const eager of [[1, 2, 3, 0, 5, 0, 7, 0], torch.slice(2)]) {
    expect(refusal(() => checkAgreement(sampling, { eager, torch }, "torch", 2), 1)).toMatch(
      /^lab sampling: Allroads, eager and PyTorch, eager agree in .* % of their greedy completions/,
    );
  }
});
