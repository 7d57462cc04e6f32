import { describe, expect, it } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { collect, type Plan, wantedStages } from "../../src/results/collect.ts";
import type { Records } from "../../src/results/ledger.ts";

const lab = laboratory(keyEnvConfig("smoke"), 3);
const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
const pairStatistics = { goldMean: 1, goldSd: 2, goldGap: 3, distinct: 0.5, agreement: 0.75 };

/** Verifiers of one and two epochs, on SFT samples at T = 1 and at T = 2. */
const plan: Plan = {
  arms: {},
  scorers: Object.fromEntries(
    [1, 2].flatMap((epochs) =>
      [1, 2].map((temperature) => [
        `dpo@${epochs}, T = ${temperature}`,
        lab.verification(lab.dpo(epochs), { temperature }),
      ]),
    ),
  ),
  bestScorers: { dpo: ["dpo@1, T = 1", "dpo@2, T = 1"] },
  followingScorers: { "dpo@T = 2": { choice: "dpo", members: ["dpo@1, T = 2", "dpo@2, T = 2"] } },
  pairs: { offline: lab.pairs },
};

/** Accuracy is epochs + T / 10; the validation labels favour the verifier of `best` epochs. */
const recordsFavouring =
  (best: number): Records =>
  (stage) => {
    if (stage.kind !== "verification") return { metrics: [], pairs: 7, pairStatistics, provenance };
    const { epochs } = (stage.scorer as ReturnType<typeof lab.dpo>).options;
    const probability = [stage.split === "validation" ? Number(epochs === best) : 0.5];
    const verification = { accuracy: [epochs + stage.temperature / 10], probability, bestOf: [], oracle: [] };
    return { verification, provenance };
  };

describe("a scorer that follows the choice of another", () => {
  it.each([1, 2])("is the member in the place of the best, here that of %i epochs", (best) => {
    const { scorers } = collect(3, plan, recordsFavouring(best));
    const accuracy = (id: string) => scorers.find(({ scorer }) => scorer === id)!.accuracy;
    expect(accuracy("dpo")).toEqual([best + 0.1]);
    expect(accuracy("dpo@T = 2")).toEqual([best + 0.2]);
  });

  it("is chosen on the choice's own validation prompts only", () => {
    const validated = wantedStages(plan).filter(
      (stage) => stage.kind === "verification" && stage.split === "validation",
    );
    expect(validated).toHaveLength(2);
    expect(validated).toEqual([
      expect.objectContaining({ temperature: 1 }),
      expect.objectContaining({ temperature: 1 }),
    ]);
  });
});

it("sets of pairs come with their size and what was measured of them", () => {
  const { pairs, pairStatistics: measured } = collect(3, plan, recordsFavouring(1));
  expect([pairs, measured]).toEqual([{ offline: 7 }, { offline: pairStatistics }]);
});
