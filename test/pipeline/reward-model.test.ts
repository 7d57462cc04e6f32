import { describe, expect, test } from "vitest";
import type { PairsStage } from "../../src/pipeline/pairs.ts";
import { handMadeStore, lab } from "./hand-made.ts";

const { store, compute } = handMadeStore();
const pairsOf = async (stage: PairsStage) => (await compute(stage)).pairs;

describe("a reward model", () => {
  test("can be trained on other labels, or on the first pairs only, than the policy", async () => {
    const first = lab.pairsWith({ first: 9 });
    expect(await pairsOf(first)).toEqual((await pairsOf(lab.pairs)).filter(({ prompt }) => prompt < 9));
    for (const pairs of [first, lab.flipped(0.5)]) {
      const reward = lab.rewardWith({ pairs });
      expect(reward.pairs).toEqual(pairs);
      const online = lab.online(lab.sft, { scorer: reward });
      expect(online.pairs).toMatchObject({ policy: lab.sft, scorer: reward });
      expect((await pairsOf(online.pairs)).length).toBeGreaterThan(0);
    }
  });

  test("of which only the head is trained has the body of its policy", async () => {
    const { model } = await compute(lab.rewardWith({ trainable: "head" }));
    const { model: policy } = store.get(lab.sft);
    const size = policy.config.hidden_size;
    const body = model.weights.length - size;
    expect(model.weights.slice(0, body)).toEqual(policy.weights.slice(0, body));
  });
});
