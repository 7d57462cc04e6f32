import { expect, test } from "vitest";
import { componentsOf } from "../../../src/experiments/instrument/components.ts";
import { arms } from "../../../src/results/labels.ts";
import { normal, randomStream } from "../../../src/tensors/random.ts";
import { armResult, seedResult } from "../../seed-results.ts";

test("components are found again in results that were drawn from them", () => {
  const stream = randomStream(1, "components");
  const [seedSd, candidateSd, promptSd, candidatePromptSd] = [0.04, 0.02, 0.3, 0.2];
  const candidates = [arms.dpo, arms.dpo2x, arms.dpo5x];
  const results = Array.from({ length: 400 }, (_, seed) => {
    const common = seedSd * normal(stream);
    const own = candidates.map((_, index) => 0.03 * index + candidateSd * normal(stream));
    const treatment = Array.from({ length: 60 }, () => common + promptSd * normal(stream));
    const rates = own.map((centre) => treatment.map(() => -centre + candidatePromptSd * normal(stream)));
    return seedResult(seed, {
      arms: [
        { ...armResult(arms.onlineSft, 0), outcomes: treatment },
        ...candidates.map((arm, index) => ({ ...armResult(arm, 0), outcomes: rates[index]! })),
      ],
    });
  });
  const found = componentsOf(results, arms.onlineSft, candidates);
  for (const [index, gap] of found.gaps.entries()) expect(Math.abs(gap - 0.03 * index)).toBeLessThan(0.008);
  expect(found.prompts).toBe(60);
  const relative = [found.seedSd / seedSd, found.candidateSd / candidateSd];
  for (const ratio of [...relative, found.promptSd / promptSd, found.candidatePromptSd / candidatePromptSd])
    expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
});

test("components need two seeds and two candidates", () => {
  expect(() => componentsOf([], arms.onlineSft, [arms.dpo, arms.dpo2x])).toThrow(
    "Components need two seeds and two candidates, not 0 and 2.",
  );
});
