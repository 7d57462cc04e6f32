import { isShared } from "../pipeline/shared-stages.ts";
import { definitionId, type Stage } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import { arms, type Label, sameLabel } from "../results/labels.ts";
import type { Records } from "../results/ledger.ts";
import { plansOf } from "./programme.ts";
import { LEDGER_PRESET } from "./results-source.ts";
import { afterEpochs } from "./tuned/epochs.ts";

/*
 * What is trained again to show that a machine computes what the ledger says: SFT, the reward model, DPO after one epoch and
 * Online DPO (SFT) after one epoch, of one seed, and the win rates of the three policies.
 */

/** One of the compared stages, by a name that a reader knows. */
export interface NamedStage {
  readonly name: string;
  readonly stage: Stage;
}

/** The stages of one seed that are trained again. */
export interface LiveCheck {
  readonly experiment: string;
  readonly seed: number;
  /** In the order in which they are computed; stages that others share are left out. */
  readonly stages: readonly NamedStage[];
}

/** The experiments that have these arms, the one to prefer first. */
const CANDIDATES: readonly { readonly experiment: string; readonly arms: readonly Label[] }[] = [
  {
    experiment: "01-best-epochs",
    arms: [arms.sft, afterEpochs(arms.dpo, 1), afterEpochs(arms.onlineSft, 1)],
  },
  { experiment: "01-main-comparison", arms: [arms.sft, arms.dpo, arms.onlineSft] },
];

/**
 * The first seed of each experiment of which a ledger has all rows; of these the one that was computed on `platform`, where the
 * numbers must come out equal, or else the first. Undefined if there is none.
 */
export function liveCheck(rows: Records, platform: string): LiveCheck | undefined {
  const whole = CANDIDATES.flatMap(({ experiment, arms }) => {
    for (const { seed, evaluations } of plansOf(experiment, LEDGER_PRESET)) {
      const wanted = evaluations.filter(({ label }) => arms.some((one) => sameLabel(one, label)));
      const stages = named(wanted);
      if (stages.every(({ stage }) => rows(stage) !== undefined)) return [{ experiment, seed, stages }];
    }
    return [];
  });
  const isFromHere = ({ stages }: LiveCheck) =>
    stages.every(({ stage }) => rows(stage)?.provenance.platform === platform);
  return whole.find(isFromHere) ?? whole.at(0);
}

/** What the stages of other kinds than policies and evaluations are called. */
const KINDS: Readonly<Record<string, string>> = {
  reward: "Reward model",
  "offline-pairs": "Preference pairs",
  "online-pairs": "Pairs of online DPO",
};

/** The stages that some evaluations need, themselves included, with names. */
function named(wanted: readonly { label: Label; policy: Stage; stage: Stage }[]): NamedStage[] {
  const names = new Map(
    wanted.flatMap(({ label, policy, stage }) => [
      [definitionId(policy), `${label.name}, training`],
      [definitionId(stage), `${label.name}, win rate`],
    ]),
  );
  return withAncestors(wanted.map(({ stage }) => stage))
    .filter((stage) => !isShared(stage))
    .map((stage) => ({ name: names.get(definitionId(stage)) ?? KINDS[stage.kind] ?? stage.kind, stage }));
}
