import { arms, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan, relabelPlan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { dataFractions, percentText } from "../data-fraction/plan.ts";
import { onWidePairs, wideSources } from "../data-width/plan.ts";
import { type Laboratory, laboratory } from "../laboratory.ts";
import { paperPlan, type TrainingData } from "../paper-plan.ts";
import { rougeLConfig } from "../rouge-l/plan.ts";
import { keyEnvConfig } from "../settings.ts";
import { twoWordsConfig } from "../two-words/plan.ts";

/** Numbers of clauses beside the main comparison's five. */
const CLAUSES = [2, 3, 7] as const;

/**
 * The verification gap and the policy gap under many conditions on the same posts: other lengths, fewer pairs, wider
 * pairs, another reward. Most stages are those of the experiments on one of these.
 */
export function properLearningPlan(preset: Preset, seed: number): Plan {
  const lab = laboratory(keyEnvConfig(preset), seed);
  const pairs = lab.pairsWith({ sources: wideSources(lab) });
  const wide = paperPlan(lab, { pairs, reward: lab.rewardWith({ pairs }) });
  const under = (condition: string, conditionLab: Laboratory, data?: TrainingData) =>
    relabelPlan(paperPlan(conditionLab, data), (label) => variant(label, condition));
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft), arm(arms.dpo5x, lab.dpo(5)), arm(arms.dpo10x, lab.dpo(10))],
    },
    paperPlan(lab),
    under("two words", laboratory(twoWordsConfig(preset), seed)),
    ...CLAUSES.map((clauses) =>
      under(`${clauses} clauses`, laboratory(keyEnvConfig(preset, { clauses }), seed)),
    ),
    ...dataFractions.map((fraction) =>
      under(`${percentText(fraction)} of the pairs`, lab, fractionOfPairs(lab, fraction)),
    ),
    relabelPlan(wide, onWidePairs),
    under("ROUGE-L", laboratory(rougeLConfig(preset), seed)),
  ]);
}

function fractionOfPairs(lab: Laboratory, fraction: number): TrainingData {
  const first = Math.round(fraction * lab.config.sizes.pairs);
  const pairs = lab.pairsWith({ first });
  return { pairs, reward: lab.rewardWith({ pairs }), first };
}
