import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import {
  announcement,
  timedByLedger,
  trainingTime,
  trainingTimeSentence,
} from "../../src/experiments/training-time.ts";
import type { Stage } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { openStore, type RunStore } from "../../src/pipeline/store.ts";
import { seedPlan, wantedStages } from "../../src/results/plan.ts";
import { temporaryFolder } from "../temporary.ts";

const stagesOf = (preset: "laptop" | "smoke", seed: number) =>
  wantedStages(seedPlan(seed, mainComparisonPlan(laboratory(keyEnvConfig(preset), seed))));
const stages = stagesOf("laptop", 21);

/** An empty run store that claims to hold some stages. */
const storeWith = (held: (stage: Stage) => boolean): RunStore => ({
  ...openStore(temporaryFolder("held")),
  has: held,
});

describe("the time that training takes", () => {
  test("is that of the ledger's rows, less on more workers", () => {
    const [one, two] = [1, 2].map((workers) =>
      trainingTime(
        stages,
        storeWith(() => false),
        workers,
      ),
    );
    const total = withAncestors(stages).length;
    expect(one).toMatchObject({ left: total, total, workers: 1 });
    expect(one!.seconds).toBeGreaterThan(timedByLedger(stages)!.seconds);
    expect(two!.seconds).toBeLessThan(0.8 * one!.seconds!);
    expect(timedByLedger(stages)!.estimated).toBe(0);
  });

  test("counts only what the run store lacks", () => {
    const none = trainingTime(
      stages,
      storeWith(() => false),
      2,
    );
    const part = trainingTime(
      stages,
      storeWith(({ kind }) => kind !== "evaluation"),
      2,
    );
    expect(part.left).toBe(stages.filter(({ kind }) => kind === "evaluation").length);
    expect(part.seconds).toBeLessThan(none.seconds! / 2);
    expect(
      trainingTime(
        stages,
        storeWith(() => true),
        2,
      ),
    ).toMatchObject({ left: 0, seconds: 0 });
  });

  test("is estimated from the size of stages that the ledger lacks", () => {
    const smoke = trainingTime(
      stagesOf("smoke", 1),
      storeWith(() => false),
      1,
    );
    const laptop = trainingTime(
      stages,
      storeWith(() => false),
      1,
    );
    expect(smoke.seconds).toBeGreaterThan(0);
    expect(smoke.seconds).toBeLessThan(laptop.seconds! / 3);
  });

  test("is said in a sentence", () => {
    const time = { left: 3, total: 5, workers: 1, seconds: 754 };
    expect(trainingTimeSentence(time)).toBe(
      "Training 3 of 5 stages takes about 13 min on 1 worker, by the ledger's times.",
    );
    expect(trainingTimeSentence({ ...time, left: 5, workers: 2, seconds: undefined })).toBe(
      "Training 5 stages on 2 workers: the ledger has no times to say how long it takes.",
    );
  });
});

test("only training that takes longer than a minute is announced, with how to read results instead", () => {
  const time = { left: 3, total: 5, workers: 2, seconds: 61 };
  expect(announcement(time)).toMatch(
    /^Training 3 of 5 stages takes about 61 s on 2 workers, .*`npm run paper` without `--train`.*`openExperiment\(id, bar\)`/,
  );
  expect(announcement({ ...time, seconds: 60 })).toBeUndefined();
  expect(announcement({ ...time, left: 0 })).toBeUndefined();
});
