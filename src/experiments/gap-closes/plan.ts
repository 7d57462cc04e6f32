import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, type JudgedScorer, joinPlans, judged, type Plan, relabelPlan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { paperPlan } from "../paper-plan.ts";

/** The arms in an experiment's own task. */
export const gapArms: readonly Label[] = [
  arms.sft,
  arms.dpo,
  arms.dpo2x,
  arms.dpo5x,
  arms.onlineSft,
  arms.onlineDpo,
];
/** The scorers in each of the two tasks. */
export const gapScorers: readonly Label[] = [scorers.global, scorers.dpo, scorers.dpo5x];

/** An arm or scorer trained in the main comparison's task, which this experiment calls `name`. */
export const inMainTask = (label: Label, name: string): Label => variant(label, name);

/**
 * Whether the gap between online and offline closes in a task: the paper's arms, DPO (5x) and the scorers in that task,
 * beside those in the main comparison's task, called `mainName`, on the same posts.
 */
export function gapClosesPlan(own: Laboratory, main: Laboratory, mainName: string): Plan {
  const mainPlan = {
    arms: [arm(arms.sft, main.sft), ...paperPlan(main).arms],
    scorers: judgedScorers(main),
  };
  return joinPlans([
    {
      arms: [arm(arms.sft, own.sft), ...paperPlan(own).arms, arm(arms.dpo5x, own.dpo(5))],
      scorers: judgedScorers(own),
      pairs: { offline: own.pairs },
    },
    relabelPlan(mainPlan, (label) => inMainTask(label, mainName)),
  ]);
}

/** The arms and scorers by which a task's settings are chosen, for every candidate by its name. */
export function gapClosesTuning(candidates: Readonly<Record<string, Laboratory>>): Plan {
  const plans = Object.entries(candidates).map(([name, lab]) =>
    relabelPlan(
      {
        arms: [
          arm(arms.sft, lab.sft),
          arm(arms.dpo, lab.dpo(1)),
          arm(arms.dpo2x, lab.dpo(2)),
          arm(arms.dpo5x, lab.dpo(5)),
          arm(arms.onlineDpo, lab.online(lab.dpo(1))),
        ],
        scorers: judgedScorers(lab),
      },
      (label) => variant(label, name),
    ),
  );
  return joinPlans(plans);
}

/** The reward model, and DPO's implicit reward after one epoch and after about as many as the reward model had. */
function judgedScorers(lab: Laboratory): JudgedScorer[] {
  return [
    judged(scorers.global, lab.verification(lab.reward)),
    judged(scorers.dpo, lab.verification(lab.dpo(1))),
    judged(scorers.dpo5x, lab.verification(lab.dpo(5))),
  ];
}
