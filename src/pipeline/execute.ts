import { kindOf } from "./kind-of.ts";
import type { Pool } from "./pool.ts";
import { parents, type Stage, stageId, withAncestors } from "./stage.ts";
import type { RunStore } from "./store.ts";

/** Progress of a set of stages, in the units of `StageKind.cost`. */
export interface ExecutionProgress {
  readonly done: number;
  readonly total: number;
  /** Names of the stages being computed. */
  readonly running: readonly string[];
}

/**
 * Computes `wanted` and their ancestors, each stage once, as soon as its parents are stored and a worker is free. What
 * the store holds is not computed again. If a stage fails, no further stage starts; throws the first failure in the
 * order of `wanted` once the running stages have ended.
 */
export async function execute(
  store: RunStore,
  wanted: readonly Stage[],
  pool: Pool,
  onProgress: (progress: ExecutionProgress) => void = () => {},
): Promise<void> {
  const missing = new Map(
    withAncestors(wanted)
      .filter((stage) => !store.has(stage))
      .map((stage) => [stageId(stage), { stage, cost: kindOf(stage).cost(stage), fraction: 0 }]),
  );
  const running = new Set<Stage>();
  const total = [...missing.values()].reduce((sum, { cost }) => sum + cost, 0);
  const report = () =>
    onProgress({
      done: [...missing.values()].reduce((sum, { cost, fraction }) => sum + fraction * cost, 0),
      total,
      running: [...running].map((stage) => `${stage.kind} (seed ${stage.setting.seed})`),
    });
  const started = new Map<string, Promise<void>>();
  const limit = limitConcurrency(pool.size);
  let failed = false;
  const compute = async (work: { readonly stage: Stage; fraction: number }) => {
    if (failed) return;
    running.add(work.stage);
    const progress = (fraction: number) => {
      work.fraction = fraction;
      report();
    };
    try {
      await pool.run(store.folder, work.stage, progress);
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      running.delete(work.stage);
    }
    progress(1);
  };
  const ensure = (stage: Stage): Promise<void> => {
    const id = stageId(stage);
    const work = missing.get(id);
    if (work === undefined) return Promise.resolve();
    let promise = started.get(id);
    if (promise === undefined) {
      promise = Promise.all(parents(stage).map(ensure)).then(() => limit(() => compute(work)));
      started.set(id, promise);
    }
    return promise;
  };
  const outcomes = await Promise.allSettled(wanted.map(ensure));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** Runs functions with at most `count` at a time, the others in the order in which they came. */
function limitConcurrency(count: number): (work: () => Promise<void>) => Promise<void> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
