import { kindOf } from "./kind-of.ts";
import { type Job, makespan } from "./makespan.ts";
import { isShared } from "./shared-stages.ts";
import { definitionId, type Stage } from "./stage.ts";
import { inputsOf, withAncestors } from "./stage-id.ts";

/* How long a programme takes on many cores, simulated from the times of its stages. */

/** The seconds that a stage takes besides its computation, to be handed out and stored. */
const PER_STAGE = 0.3;
/** The seconds that a task takes to start. */
const PER_TASK = 3;

/**
 * A machine that was suspended while it computed recorded a time that is this many times what the others of its kind suggest:
 * such a time counts as not known.
 */
const SUSPENDED = 20;

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

/** What a programme's times are taken from. */
export interface TimingOptions {
  /** Seconds per unit of `StageKind.cost` for stages without a recorded time; default that of the recorded ones. */
  readonly rate?: number;
  /** Whether a stage need not be computed, default none. */
  readonly isDone?: (stage: Stage) => boolean;
}

/**
 * The stages that some stages need, themselves included, with their times. `secondsOf` gives the recorded time of a stage;
 * one that has none is estimated from its size and the times of the others, or takes none if the stages that use it were
 * recorded with it. Undefined if a time must be estimated and none is known.
 */
export function timedProgramme(
  stages: readonly Stage[],
  secondsOf: (stage: Stage) => number | undefined,
  { isDone = () => false, ...options }: TimingOptions = {},
): TimedProgramme | undefined {
  const left = withAncestors(stages, definitionId).filter((stage) => !isDone(stage));
  const places = new Map(left.map((stage, at) => [definitionId(stage), at]));
  const believed = withoutSuspensions(left, secondsOf);
  const recorded = left.map(believed);
  const rate = options.rate ?? secondsPerCost(left, believed);
  if (rate === undefined && left.length > 0) return undefined;
  const estimate = (stage: Stage) => (isShared(stage) ? 0 : (rate ?? 0) * kindOf(stage).cost(stage));
  const seconds = left.map((stage, at) => recorded[at] ?? estimate(stage));
  return {
    jobs: left.map((stage, at) => ({
      seconds: seconds[at]! + PER_STAGE,
      after: inputsOf(stage).flatMap((input) => places.get(definitionId(input)) ?? []),
    })),
    seeds: left.map(({ setting }) => setting.seed),
    seconds: sum(seconds),
    estimated: left.filter((stage, at) => recorded[at] === undefined && !isShared(stage)).length,
  };
}

/** The seconds that a unit of `StageKind.cost` takes in those stages whose time is recorded; undefined if none is. */
export function secondsPerCost(
  stages: readonly Stage[],
  secondsOf: (stage: Stage) => number | undefined,
): number | undefined {
  const known = stages.flatMap((stage) => {
    const seconds = secondsOf(stage);
    return seconds === undefined ? [] : [{ seconds, cost: kindOf(stage).cost(stage) }];
  });
  if (known.length === 0) return undefined;
  return sum(known.map(({ seconds }) => seconds)) / Math.max(1e-9, sum(known.map(({ cost }) => cost)));
}

/** Recorded times without those of stages during which the machine was suspended. */
function withoutSuspensions(
  stages: readonly Stage[],
  secondsOf: (stage: Stage) => number | undefined,
): (stage: Stage) => number | undefined {
  const rateOf = (stage: Stage) => (secondsOf(stage) ?? 0) / Math.max(1, kindOf(stage).cost(stage));
  const rates = new Map<string, number[]>();
  for (const stage of stages)
    if (secondsOf(stage) !== undefined)
      rates.set(stage.kind, [...(rates.get(stage.kind) ?? []), rateOf(stage)]);
  const usual = new Map([...rates].map(([kind, own]) => [kind, median(own)]));
  return (stage) => (rateOf(stage) > SUSPENDED * (usual.get(stage.kind) ?? 0) ? undefined : secondsOf(stage));
}

/** The middle one of some numbers, the lower of two. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

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
