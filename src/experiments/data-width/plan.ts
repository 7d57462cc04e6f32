import type { Source } from "../../pipeline/offline-pairs.ts";
import { arms, type Label, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan, relabelPlan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { paperPlan } from "../paper-plan.ts";

/** The same arm or scorer, trained on wide pairs. */
export const onWidePairs = (label: Label): Label => variant(label, "wide pairs");

/** The temperature of the widest samples. */
const HOT = 1.5;
/** The same scorer, judged on those samples. */
export const onHotSamples = (scorer: Label): Label => variant(scorer, `samples at T = ${HOT}`);

/** The sources of wide pairs: SFT at two temperatures and three of the task's demonstrators. */
export function wideSources({ sft, config }: Laboratory): Source[] {
  return [
    { policy: sft, temperature: config.samplingTemperature },
    { policy: sft, temperature: HOT },
    ...["human", "careful", "indifferent"].map((writer) => ({ writer })),
  ];
}

/** Narrow pairs of two SFT samples against wide pairs, each side from one of several sources. */
export function dataWidthPlan(lab: Laboratory): Plan {
  const pairs = lab.pairsWith({ sources: wideSources(lab) });
  const narrow = paperPlan(lab);
  const wide = relabelPlan(paperPlan(lab, { pairs, reward: lab.rewardWith({ pairs }) }), onWidePairs);
  const { arms: trained, scorers } = joinPlans([narrow, wide]);
  return {
    arms: [arm(arms.sft, lab.sft), ...trained],
    scorers: [
      ...scorers,
      ...scorers.map(({ label, stage }) => judged(onHotSamples(label), { ...stage, temperature: HOT })),
    ],
    pairs: { narrow: lab.pairs, wide: pairs },
  };
}
