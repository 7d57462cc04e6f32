import { expect, test } from "vitest";
import { ladderEpochs } from "../../../src/experiments/generalisation/ladder.ts";
import { ladderPoints } from "../../../src/experiments/generalisation/report.ts";
import { afterEpochs } from "../../../src/experiments/tuned/epochs.ts";
import { rewardModelKinds } from "../../../src/experiments/tuned/reward-models.ts";
import { scorerResult, seedResult } from "../../seed-results.ts";

test("a measure is drawn by epochs for every kind of reward model", () => {
  const judged = rewardModelKinds.flatMap(({ label }, kind) =>
    ladderEpochs.map((epochs, index) => scorerResult(afterEpochs(label, epochs), (10 * kind + index) / 100)),
  );
  const points = ladderPoints([seedResult(201, { scorers: judged })], "accuracy");
  const local = points.filter(({ series }) => series.id === "local");
  expect(local.map(({ x, value }) => [x, value])).toEqual([
    [1, 0.1],
    [2, 0.11],
    [4, 0.12],
    [8, 0.13],
    [16, 0.14],
  ]);
});
