import { describe, expect, test } from "vitest";
import type { Choice } from "../../src/results/collect.ts";
import { gridEdges } from "../../src/results/grid-edges.ts";
import { arms } from "../../src/results/labels.ts";
import { seedResult } from "../seed-results.ts";

const grid = [arms.dpo, arms.dpo2x, arms.dpo5x, arms.dpo10x];

/** Seeds on which the candidates at these indices were chosen. */
const chosenAt = (indices: readonly number[], options: Pick<Choice, "openEnds"> = {}, candidates = grid) =>
  indices.map((index, seed) =>
    seedResult(seed, {
      choices: [
        {
          best: arms.dpoBest,
          chosen: candidates[index]!,
          candidates: candidates.map((label) => ({ label, value: 0 })),
          ...options,
        },
      ],
    }),
  );

describe("gridEdges", () => {
  test("names a grid of which an end was chosen on more than a quarter of the seeds", () => {
    expect(gridEdges(chosenAt([0, 3, 1, 2, 1]), [arms.dpoBest])).toEqual([
      { best: arms.dpoBest, times: 2, seeds: 5 },
    ]);
    expect(gridEdges(chosenAt([3, 2, 1, 2]), [arms.dpoBest])).toEqual([]);
  });

  test("counts only the upper end if nothing lies below the lower one", () => {
    expect(gridEdges(chosenAt([0, 0, 0, 0, 3], { openEnds: "upper" }), [arms.dpoBest])).toEqual([]);
    expect(gridEdges(chosenAt([0, 3, 3, 0, 1], { openEnds: "upper" }), [arms.dpoBest])).toMatchObject([
      { times: 2 },
    ]);
  });

  test("is about labels that were chosen from candidates, each once", () => {
    const results = chosenAt([3, 3]);
    expect(gridEdges(results, [arms.dpo, arms.sft])).toEqual([]);
    expect(gridEdges(results, [arms.dpoBest, arms.dpoBest])).toHaveLength(1);
    expect(gridEdges(chosenAt([0, 0], {}, [arms.dpo]), [arms.dpoBest])).toEqual([]);
  });
});
