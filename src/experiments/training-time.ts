import { duration } from "../pipeline/progress.ts";
import type { Stage } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import type { RunStore } from "../pipeline/store.ts";
import { secondsPerCost, type TimedProgramme, timedProgramme, togetherSeconds } from "../pipeline/timing.ts";
import { ledgerRecords } from "../results/ledger.ts";
import { seedPlan, wantedStages } from "../results/plan.ts";
import { testSeeds } from "../verdicts/read-registration.ts";
import { laboratory } from "./laboratory.ts";
import { mainComparisonPlan } from "./main-comparison/plan.ts";
import { HOW_TO_READ, LEDGER_PRESET, ledgerFolder } from "./results-source.ts";
import { keyEnvConfig } from "./settings.ts";

/* How long training takes, before it starts: simulated from the ledger's times. */

/** Training that takes longer than this many seconds is announced in a cell. */
const LONG = 60;

/** Some stages and their ancestors, as far as they are not stored, with their times in the ledger or by their size. */
export function timedByLedger(
  stages: readonly Stage[],
  isDone?: (stage: Stage) => boolean,
): TimedProgramme | undefined {
  const records = ledgerRecords(ledgerFolder());
  const secondsOf = (stage: Stage) => records(stage)?.provenance.seconds;
  return (
    timedProgramme(stages, secondsOf, { isDone }) ??
    timedProgramme(stages, secondsOf, { isDone, rate: typicalRate(secondsOf) })
  );
}

/** The seconds that a unit of `StageKind.cost` took in the main comparison: for stages that the ledger lacks altogether. */
function typicalRate(secondsOf: (stage: Stage) => number | undefined): number | undefined {
  const seed = testSeeds("01-main-comparison", LEDGER_PRESET)[0] ?? 0;
  const plan = mainComparisonPlan(laboratory(keyEnvConfig(LEDGER_PRESET), seed));
  return secondsPerCost(withAncestors(wantedStages(seedPlan(seed, plan))), secondsOf);
}

/** What is left to compute of some stages, and for how long on some workers. */
export interface TrainingTime {
  readonly left: number;
  readonly total: number;
  readonly workers: number;
  /** Undefined if the ledger has no times. */
  readonly seconds: number | undefined;
}

/** What a run store lacks of some stages and their ancestors, and how long it takes on some workers. */
export function trainingTime(stages: readonly Stage[], store: RunStore, workers: number): TrainingTime {
  const timed = timedByLedger(stages, (stage) => store.has(stage));
  const total = withAncestors(stages).length;
  const left = timed?.jobs.length ?? withAncestors(stages).filter((stage) => !store.has(stage)).length;
  return { left, total, workers, seconds: timed && togetherSeconds(timed, workers) };
}

/** Training time as a sentence: "Training 87 of 120 stages takes about 12 min on 2 workers, by the ledger's times." */
export function trainingTimeSentence({ left, total, workers, seconds }: TrainingTime): string {
  const stages = left === total ? `${total} stages` : `${left} of ${total} stages`;
  const on = `${workers} ${workers === 1 ? "worker" : "workers"}`;
  if (seconds === undefined)
    return `Training ${stages} on ${on}: the ledger has no times to say how long it takes.`;
  return `Training ${stages} takes about ${duration(seconds)} on ${on}, by the ledger's times.`;
}

/** What a cell says before training: how long it takes and how to read results instead; undefined if it is short. */
export function announcement(time: TrainingTime): string | undefined {
  if (time.left === 0 || (time.seconds ?? 0) <= LONG) return undefined;
  return `${trainingTimeSentence(time)} ${readInstead}`;
}

/** How to read results instead of training them, as a sentence. */
export const readInstead =
  `Registered experiments are read from committed results at the ${LEDGER_PRESET} preset, without training, by ` +
  `${HOW_TO_READ}.`;
