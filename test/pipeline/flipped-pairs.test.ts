import { describe, expect, test } from "vitest";
import type { PairsStage } from "../../src/pipeline/pairs.ts";
import { pairCount } from "../../src/pipeline/pairs.ts";
import { randomStream, uniform } from "../../src/tensors/random.ts";
import { handMadeStore, lab } from "./hand-made.ts";

const { compute } = handMadeStore();
const pairsOf = async (stage: PairsStage) => (await compute(stage)).pairs;

describe("flipped pairs", () => {
  test("exchange chosen and rejected of the pairs that the seed's stream draws", async () => {
    const [pairs, flipped] = [await pairsOf(lab.pairs), await pairsOf(lab.flipped(0.3))];
    const isDrawn = (index: number) => uniform(randomStream(3, "flipped-pairs", index)) < 0.3;
    const expected = pairs.map(({ prompt, chosen, rejected }, index) =>
      isDrawn(index) ? { prompt, chosen: rejected, rejected: chosen } : { prompt, chosen, rejected },
    );
    expect(flipped).toEqual(expected);
    expect(flipped).not.toEqual(pairs);
    expect(pairCount(lab.flipped(0.3))).toBe(pairCount(lab.pairs));
  });

  test("are all kept at probability 0 and all flipped at 1", async () => {
    const [pairs, none, all] = [
      await pairsOf(lab.pairs),
      await pairsOf(lab.flipped(0)),
      await pairsOf(lab.flipped(1)),
    ];
    expect(none).toEqual(pairs);
    expect(all).toEqual(
      pairs.map(({ prompt, chosen, rejected }) => ({ prompt, chosen: rejected, rejected: chosen })),
    );
    const agreement = async (stage: PairsStage) => (await compute(stage)).pairStatistics?.agreement ?? 0;
    expect((await agreement(lab.flipped(1))) + (await agreement(lab.pairs))).toBeCloseTo(1, 10);
  });

  test("can be online pairs", async () => {
    const online = lab.onlinePairs(lab.sft);
    expect(await pairsOf(lab.flipped(0, online))).toEqual(await pairsOf(online));
  });

  test.each([-0.1, 1.1, Number.NaN])("refuse a probability of %s", async (probability) => {
    await expect(compute(lab.flipped(probability))).rejects.toThrow("must be from 0 to 1");
  });
});
