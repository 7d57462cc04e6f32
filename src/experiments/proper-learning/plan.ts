import type { Plan } from "../../results/collect.ts";
import type { Preset } from "../../results/presets.ts";
import { asVariants } from "../../results/variants.ts";
import { dataFractions } from "../data-fraction/plan.ts";
import { widePairs, wideSources } from "../data-width/plan.ts";
import { type Laboratory, laboratory } from "../laboratory.ts";
import { exploratoryEpochs, offlineArms, offlineEpochs } from "../main-comparison/plan.ts";
import { type Ground, paperArms } from "../paper-arms.ts";
import { rougeLConfig } from "../rouge-l/plan.ts";
import { keyEnvConfig } from "../settings.ts";
import { twoWordsConfig } from "../two-words/plan.ts";

/** Summaries of so many clauses stand beside those of five. */
const CLAUSES = [2, 3, 7] as const;

/** The conditions under which both gaps are measured, beside the main comparison: what the ids of their arms end in. */
export const conditions = [
  "two words",
  ...CLAUSES.map((clauses) => `${clauses} clauses`),
  ...dataFractions.map((fraction) => `${Math.round(100 * fraction)} % of the pairs`),
  widePairs,
  "ROUGE-L",
] as const;

/**
 * The verification gap and the policy gap under many conditions on the same posts: other lengths, fewer pairs, wider
 * pairs, another reward. Most stages are those of the notebooks that are about one of these.
 */
export function properLearningPlan(preset: Preset, seed: number): Plan {
  const lab = laboratory(keyEnvConfig(preset), seed);
  const { pairs: count } = lab.config.sizes;
  const wide = lab.pairsOf({ sources: wideSources(lab) });
  const grounds: [string, Laboratory, Ground?][] = [
    ["two words", laboratory(twoWordsConfig(preset), seed)],
    ...CLAUSES.map((clauses): [string, Laboratory] => [
      `${clauses} clauses`,
      laboratory(keyEnvConfig(preset, { clauses }), seed),
    ]),
    ...dataFractions.map((fraction): [string, Laboratory, Ground] => {
      const first = Math.round(fraction * count);
      const pairs = lab.pairsOf({ first });
      return [
        `${Math.round(100 * fraction)} % of the pairs`,
        lab,
        { pairs, reward: lab.rewardOf({ pairs }), first },
      ];
    }),
    [widePairs, lab, { pairs: wide, reward: lab.rewardOf({ pairs: wide }) }],
    ["ROUGE-L", laboratory(rougeLConfig(preset), seed)],
  ];
  const usual = judged(lab);
  const others = grounds.map(([condition, own, ground]) => {
    const { arms, scorers } = judged(own, ground);
    return { arms: asVariants(arms, condition), scorers: asVariants(scorers, condition) };
  });
  return {
    arms: Object.assign(
      { sft: lab.sft, ...offlineArms(lab, { ...offlineEpochs, ...exploratoryEpochs }) },
      usual.arms,
      ...others.map(({ arms }) => arms),
    ),
    scorers: Object.assign({}, usual.scorers, ...others.map(({ scorers }) => scorers)),
  };
}

function judged(lab: Laboratory, ground: Ground = lab) {
  const arms = paperArms(lab, ground);
  return { arms, scorers: { global: lab.verification(ground.reward), dpo: lab.verification(arms.dpo) } };
}
