import { describe, expect, test } from "vitest";
import { experiments, superseded, tune } from "../../src/experiments/programme.ts";
import { readTuning, tuningTable } from "../../src/experiments/tuning.ts";
import { arms, scorers, variant } from "../../src/results/labels.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";
import { armIds, scorerIds } from "./in-plan.ts";

const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 1, code: "c", stage: "s" };
const results = [0, 1].map((seed) =>
  seedResult(seed, {
    arms: [
      {
        ...armResult(variant(arms.dpo, "fast"), 0.25 + seed / 2),
        greedyRewards: [1, 2],
        optimum: 3,
      },
    ],
    scorers: [
      {
        ...scorerResult(variant(scorers.global, "fast"), 0.5),
        accuracy: [1, 0.5],
        probability: [0.6, 0.7 + seed / 100],
        bestOf: [
          { n: 1, values: [0, 0] },
          { n: 4, values: [1, seed] },
        ],
      },
    ],
    provenance: [{ ...provenance, finished: "2026-11-21T10:00:00Z" }],
  }),
);

describe("the table of a tuning", () => {
  test("has each candidate's mean over prompts on each seed, and where it was computed", () => {
    expect(tuningTable("09-x", results)).toEqual({
      command: "npm run tune -- 09-x",
      seeds: [0, 1],
      computed: { device: "none", tensorflow: "0", code: "c", day: "2026-11-21" },
      arms: { "dpo@fast": { winRate: [0.25, 0.75], reward: [1.5, 1.5], shareOfOptimum: [0.5, 0.5] } },
      scorers: {
        "global@fast": { accuracy: [0.75, 0.75], probability: [0.65, 0.655], bestOf: [0.5, 1] },
      },
    });
  });

  test("cannot be made of no results", () => {
    expect(() => tuningTable("09-x", [])).toThrow('The tuning "09-x" has no results');
  });
});

const tuned = [...experiments, ...superseded].flatMap(({ id, tuning }) =>
  tuning === undefined ? [] : [{ id, tuning }],
);

describe.each(tuned)("the tuning of $id", ({ id, tuning }) => {
  test("uses registered tuning seeds only", () => {
    expect(readRegistration(id).seeds.tuning).toEqual(expect.arrayContaining([...tuning.seeds]));
  });

  test("is committed with every candidate", () => {
    const table = readTuning(id);
    expect(table.seeds).toEqual([...tuning.seeds]);
    for (const plan of tuning.seeds.slice(0, 1).map((seed) => tuning.plan(seed))) {
      expect(Object.keys(table.arms)).toEqual(armIds(plan));
      expect(Object.keys(table.scorers)).toEqual(scorerIds(plan));
    }
  });
});

test("an experiment without a tuning cannot be tuned", async () => {
  await expect(tune("01-replication")).rejects.toThrow(/no tuning "01-replication": there are 07-.*, 09-/);
});
