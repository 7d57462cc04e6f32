import { kindOf } from "../pipeline/kind-of.ts";
import { isShared } from "../pipeline/shared-stages.ts";
import { definitionId, type Stage } from "../pipeline/stage.ts";
import { inputsOf, withAncestors } from "../pipeline/stage-id.ts";
import { type Job, makespan } from "./makespan.ts";

/* How long a programme takes on many cores, simulated from the times of its stages. */

/** The seconds that a stage takes besides its computation, to be handed out and stored. */
const PER_STAGE = 0.3;
/** The seconds that a task takes to start. */
const PER_TASK = 3;

/** A programme's stages, each after its inputs, with their times. */
export interface TimedProgramme {
  /** One per stage. */
  readonly jobs: readonly Job[];
  /** The seed of each job. */
  readonly seeds: readonly number[];
  /** The seconds of all computations. */
  readonly seconds: number;
  /** How many stages have a time that was estimated from their size. */
  readonly estimated: number;
}

/**
 * Some stages and their ancestors with their times. `secondsOf` gives the recorded time of a stage; one that has none is
 * estimated from its size and the times of the others, or takes none if the stages that use it were recorded with it.
 * Undefined if no time is known.
 */
export function timedProgramme(
  stages: readonly Stage[],
  secondsOf: (stage: Stage) => number | undefined,
): TimedProgramme | undefined {
  const all = withAncestors(stages, definitionId);
  const places = new Map(all.map((stage, at) => [definitionId(stage), at]));
  const recorded = all.map(secondsOf);
  const costs = all.map((stage) => kindOf(stage).cost(stage));
  const known = all.flatMap((_, at) => (recorded[at] === undefined ? [] : [at]));
  if (known.length === 0) return undefined;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const rate = sum(known.map((at) => recorded[at]!)) / Math.max(1e-9, sum(known.map((at) => costs[at]!)));
  const seconds = all.map((stage, at) => recorded[at] ?? (isShared(stage) ? 0 : rate * costs[at]!));
  return {
    jobs: all.map((stage, at) => ({
      seconds: seconds[at]! + PER_STAGE,
      after: inputsOf(stage).map((input) => places.get(definitionId(input))!),
    })),
    seeds: all.map(({ setting }) => setting.seed),
    seconds: sum(seconds),
    estimated: all.filter((stage, at) => recorded[at] === undefined && !isShared(stage)).length,
  };
}

/** The seconds that a programme takes if any of some workers may compute any stage. */
export function togetherSeconds({ jobs }: TimedProgramme, workers: number): number {
  return makespan(jobs, workers);
}

/**
 * The seconds that a programme takes as an array of tasks, one per seed with some cores each, the longest first. Undefined
 * if there are fewer workers than cores of a task.
 */
export function arraySeconds(
  { jobs, seeds }: TimedProgramme,
  workers: number,
  cores: number,
): number | undefined {
  if (workers < cores) return undefined;
  const tasks = [...new Set(seeds)].map((seed) => PER_TASK + makespan(jobsOf(seed, jobs, seeds), cores));
  const longestFirst = tasks.sort((a, b) => b - a).map((seconds): Job => ({ seconds, after: [] }));
  return makespan(longestFirst, Math.floor(workers / cores));
}

/** The jobs of a seed, whose predecessors are its own. */
function jobsOf(seed: number, jobs: readonly Job[], seeds: readonly number[]): Job[] {
  const own = jobs.flatMap((_, at) => (seeds[at] === seed ? [at] : []));
  const places = new Map(own.map((at, place) => [at, place]));
  return own.map((at) => {
    const { seconds, after } = jobs[at]!;
    return { seconds, after: after.flatMap((one) => places.get(one) ?? []) };
  });
}
