import type { Plan } from "../../results/collect.ts";
import type { Laboratory } from "../laboratory.ts";
import { offlineArms, offlineEpochs } from "../main-comparison/plan.ts";

/**
 * What on-policy feedback is made of: fresh samples and the labels they get. Online arms differ in their labeller or
 * in how many samples it chooses from; offline arms also get their pairs relabelled.
 */
export function onPolicyFeedbackPlan(lab: Laboratory): Plan {
  const { sft, reward } = lab;
  const dpo = lab.dpo(1);
  const local = lab.local({ epochs: lab.config.reward.epochs });
  const relabelled = { rm: lab.relabelled(reward), gold: lab.relabelled("gold") };
  const online = {
    "online-sft": lab.online(sft),
    "online-sft@K = 2": lab.online(sft, { completions: 2 }),
    "online-sft@gold labels": lab.online(sft, { scorer: "gold" }),
    "online-sft@local RM labels": lab.online(sft, { scorer: local }),
    "online-sft@own likelihood": lab.online(sft, { scorer: "likelihood" }),
    "online-dpo": lab.online(dpo),
    "online-dpo@own labels": lab.online(dpo, { scorer: dpo }),
  };
  return {
    arms: {
      sft,
      ...offlineArms(lab, offlineEpochs),
      "dpo@pairs relabelled by the RM": lab.dpo(1, {}, relabelled.rm),
      "dpo@pairs relabelled by gold": lab.dpo(1, {}, relabelled.gold),
      ...online,
    },
    bestArms: { "dpo-best": Object.keys(offlineEpochs) },
    scorers: {
      global: lab.verification(reward),
      local: lab.verification(local),
      dpo: lab.verification(dpo),
      likelihood: lab.verification("likelihood"),
    },
    pairs: {
      "annotator's": lab.pairs,
      "relabelled by the RM": relabelled.rm,
      "relabelled by gold": relabelled.gold,
      "fresh, two by the RM": online["online-sft@K = 2"].pairs,
      "fresh, many by the RM": online["online-sft"].pairs,
      "fresh, many by gold": online["online-sft@gold labels"].pairs,
      "fresh, many by the local RM": online["online-sft@local RM labels"].pairs,
      "fresh, many by own likelihood": online["online-sft@own likelihood"].pairs,
      "DPO's, many by the RM": online["online-dpo"].pairs,
      "DPO's, many by DPO itself": online["online-dpo@own labels"].pairs,
    },
  };
}
