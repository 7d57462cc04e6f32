import { arms, scorers, variant } from "../../results/labels.ts";
import { arm, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";

/**
 * Separates the two parts of on-policy feedback, fresh samples and their labels. Online arms differ in the scorer that
 * labels their samples, or in the number of samples that it ranks; offline arms also get their pairs relabelled.
 */
export function onPolicyFeedbackPlan(lab: Laboratory): Plan {
  const { sft, reward } = lab;
  const dpo = lab.dpo(1);
  const local = lab.localReward(lab.config.reward.epochs);
  const [relabelledByReward, relabelledByGold] = [lab.relabelled(reward), lab.relabelled("gold")];
  const online = {
    reward: lab.online(sft),
    twoSamples: lab.online(sft, { completions: 2 }),
    gold: lab.online(sft, { scorer: "gold" }),
    local: lab.online(sft, { scorer: local }),
    likelihood: lab.online(sft, { scorer: "likelihood" }),
    fromDpo: lab.online(dpo),
    fromDpoByDpo: lab.online(dpo, { scorer: dpo }),
  };
  return {
    arms: [
      arm(arms.sft, sft),
      arm(arms.dpo, dpo),
      arm(arms.dpo2x, lab.dpo(2)),
      arm(arms.dpo5x, lab.dpo(5)),
      arm(variant(arms.dpo, "pairs relabelled by the RM"), lab.dpo(1, {}, relabelledByReward)),
      arm(variant(arms.dpo, "pairs relabelled by gold"), lab.dpo(1, {}, relabelledByGold)),
      arm(arms.onlineSft, online.reward),
      arm(variant(arms.onlineSft, "K = 2"), online.twoSamples),
      arm(variant(arms.onlineSft, "gold labels"), online.gold),
      arm(variant(arms.onlineSft, "local RM labels"), online.local),
      arm(variant(arms.onlineSft, "own likelihood"), online.likelihood),
      arm(arms.onlineDpo, online.fromDpo),
      arm(variant(arms.onlineDpo, "own labels"), online.fromDpoByDpo),
    ],
    bestArms: [{ label: arms.dpoBest, candidates: [arms.dpo, arms.dpo2x, arms.dpo5x] }],
    scorers: [
      judged(scorers.global, lab.verification(reward)),
      judged(scorers.local, lab.verification(local)),
      judged(scorers.dpo, lab.verification(dpo)),
      judged(scorers.likelihood, lab.verification("likelihood")),
    ],
    pairs: {
      "annotator's": lab.pairs,
      "relabelled by the RM": relabelledByReward,
      "relabelled by gold": relabelledByGold,
      "fresh, two by the RM": online.twoSamples.pairs,
      "fresh, many by the RM": online.reward.pairs,
      "fresh, many by gold": online.gold.pairs,
      "fresh, many by the local RM": online.local.pairs,
      "fresh, many by own likelihood": online.likelihood.pairs,
      "DPO's, many by the RM": online.fromDpo.pairs,
      "DPO's, many by DPO itself": online.fromDpoByDpo.pairs,
    },
  };
}
