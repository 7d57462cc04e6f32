import { expect, test } from "vitest";
import { globalScorer } from "../../src/models/scorers.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { task } from "../laboratory.ts";
import { data, handMadeStore, lab, reward } from "./hand-made.ts";

const { compute } = handMadeStore();
const asked = { rewardDifferences: true } as const;

test("online pairs come with the reward model's differences in score if they are asked for", async () => {
  const [plain, scored] = [
    (await compute(lab.onlinePairs(lab.sft))).pairs,
    (await compute(lab.onlinePairs(lab.sft, asked))).pairs,
  ];
  expect(scored.map(({ rewardDifference: _, ...pair }) => pair)).toEqual(plain);
  expect(plain.every((pair) => !("rewardDifference" in pair))).toBe(true);
  const scoresOf = (side: "chosen" | "rejected") =>
    globalScorer(
      task,
      reward,
    )(scored.map((pair) => ({ prompt: data.prompts[pair.prompt]!, completion: pair[side] })));
  const [chosen, rejected] = [scoresOf("chosen"), scoresOf("rejected")];
  for (const [index, { rewardDifference }] of scored.entries())
    expect(rewardDifference).toBeCloseTo(chosen[index]! - rejected[index]!, 4);
});

test("REBEL trains on them: at the first step its loss is their mean square", async () => {
  const stage = lab.online(lab.sft, asked, { loss: "rebel", batchSize: 1, epochs: 1 });
  const { metrics } = await compute(stage);
  const { pairs } = await compute(lab.onlinePairs(lab.sft, asked));
  const squares = pairs.map(({ rewardDifference = Number.NaN }) => rewardDifference ** 2);
  const closest = Math.min(...squares.map((square) => Math.abs(square - metrics[0]!.loss!)));
  expect(closest).toBeLessThan(1e-4 * metrics[0]!.loss!);
});

test("REBEL refuses pairs without differences, and names the pair", async () => {
  await expect(compute(lab.online(lab.sft, {}, { loss: "rebel" }))).rejects.toThrow(
    "Example 0 has no finite rewardDifference",
  );
});

test("relabelled and flipped pairs have no differences, and asking changes the definition", async () => {
  const { pairs } = await compute(lab.flipped(1, lab.onlinePairs(lab.sft, asked)));
  expect(pairs.every((pair) => !("rewardDifference" in pair))).toBe(true);
  expect(definitionId(lab.online(lab.sft, asked))).not.toBe(definitionId(lab.online(lab.sft)));
});
