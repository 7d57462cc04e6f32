import * as allroads from "allroads";
import { expect, test } from "vitest";
import { likelihoodPerToken } from "../../../notebooks/examples/scorer.ts";
import { temporaryFolder } from "../../temporary.ts";
import { compute, example, tinyConfig } from "./tiny.ts";

test("a user's scorer ranks the pairs of an online policy and is judged like any other", async () => {
  const lab = allroads.laboratory(tinyConfig, 3);
  const scorer = allroads.userCode(example("scorer"), "likelihoodPerToken");
  const pairs = lab.onlinePairs(lab.sft, { scorer });
  const per = allroads.label("per-token", "Likelihood per token", "#8a5ba6");
  const planned = allroads.seedPlan(3, {
    arms: [allroads.arm(allroads.arms.onlineSft, lab.online(lab.sft, { scorer }))],
    scorers: [
      allroads.judged(per, lab.verification(scorer)),
      allroads.judged(allroads.scorers.likelihood, lab.verification("likelihood")),
    ],
  });
  const store = await compute(temporaryFolder("scorer"), [pairs, ...allroads.results.wantedStages(planned)]);

  const task = allroads.tasks.openTask(tinyConfig.task);
  const score = likelihoodPerToken(task, store.get(lab.sft).model);
  const { prompts } = task.data(3, tinyConfig.sizes);
  const stored = store.get(pairs).pairs;
  expect(stored.length).toBeGreaterThan(0);
  for (const { prompt: index, chosen, rejected } of stored) {
    const prompt = prompts[index];
    if (prompt === undefined) throw new Error(`There is no prompt ${index}.`);
    const [best = Number.NaN, worst] = score([
      { prompt, completion: chosen },
      { prompt, completion: rejected },
    ]);
    expect(best).toBeGreaterThanOrEqual(Number(worst));
  }

  const result = allroads.results.collect(planned, allroads.results.storeRecords(store));
  expect(result.missing).toEqual([]);
  expect(result.scorers.map((one) => one.scorer)).toEqual([per, allroads.scorers.likelihood]);
  const scores = (of: Parameters<typeof lab.verification>[0]) =>
    store.get(lab.verification(of)).verification.scores.flat();
  expect(scores(scorer)).not.toEqual(scores("likelihood"));
});
