import type { Source } from "../../pipeline/stage.ts";
import type { Plan } from "../../results/collect.ts";
import { asVariants } from "../../results/variants.ts";
import type { Laboratory } from "../laboratory.ts";
import { paperArms } from "../paper-arms.ts";

/** What ids of arms that learned from wide pairs end in. */
export const widePairs = "wide pairs";
/** The temperature of the widest samples. */
const HOT = 1.5;
/** What ids of verifiers on those samples end in. */
export const hotSamples = `samples at T = ${HOT}`;

/** Who writes the sides of wide pairs. */
export function wideSources({ sft, config }: Laboratory): Source[] {
  return [
    { policy: sft, temperature: config.samplingTemperature },
    { policy: sft, temperature: HOT },
    ...["human", "careful", "indifferent"].map((writer) => ({ writer })),
  ];
}

/** Narrow pairs, both sides sampled from SFT, against wide ones, each side by one of several writers. */
export function dataPlan(lab: Laboratory): Plan {
  const { sft } = lab;
  const pairs = lab.pairsOf({ sources: wideSources(lab) });
  const wide = { pairs, reward: lab.rewardOf({ pairs }) };
  const [narrowArms, wideArms] = [paperArms(lab), paperArms(lab, wide)];
  const scorers = {
    global: lab.reward,
    dpo: narrowArms.dpo,
    ...asVariants({ global: wide.reward, dpo: wideArms.dpo }, widePairs),
  };
  const verifications = (changes: Parameters<Laboratory["verification"]>[1]) =>
    Object.fromEntries(
      Object.entries(scorers).map(([id, scorer]) => [id, lab.verification(scorer, changes)]),
    );
  return {
    arms: { sft, ...narrowArms, ...asVariants(wideArms, widePairs) },
    scorers: { ...verifications({}), ...asVariants(verifications({ temperature: HOT }), hotSamples) },
    pairs: { narrow: lab.pairs, wide: pairs },
  };
}
