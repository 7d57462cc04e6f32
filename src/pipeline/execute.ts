import type { Pool } from "./pool.ts";
import { cost, parents, type Stage, stageId, withAncestors } from "./stage.ts";
import { openStore, readResult } from "./store.ts";

/** How far a set of stages has come, in the units of `cost`. */
export interface ExecutionProgress {
  readonly done: number;
  readonly total: number;
  /** What is being computed, for people. */
  readonly running: readonly string[];
}

/**
 * Computes `wanted` and everything they stand on, each stage once, as soon as its parents are there and a
 * worker is free. What the store holds already is not computed again. Where stages fail, throws the error of the
 * first wanted one among them once the stages that had started are through.
 */
export async function execute(
  store: string,
  wanted: readonly Stage[],
  pool: Pool,
  onProgress: (progress: ExecutionProgress) => void = () => {},
): Promise<void> {
  openStore(store);
  const missing = new Map(
    withAncestors(wanted)
      .filter((stage) => readResult(store, stage) === undefined)
      .map((stage) => [stageId(stage), stage]),
  );
  const parts = new Map([...missing.keys()].map((id) => [id, 0]));
  const running = new Set<Stage>();
  const total = [...missing.values()].reduce((sum, stage) => sum + cost(stage), 0);
  const report = () =>
    onProgress({
      done: [...parts].reduce((sum, [id, part]) => sum + part * cost(missing.get(id)!), 0),
      total,
      running: [...running].map((stage) => `${stage.kind} (seed ${stage.setting.seed})`),
    });
  const started = new Map<string, Promise<void>>();
  const inTurn = slots(pool.size);
  let failed = false;
  const ensure = (stage: Stage): Promise<void> => {
    const id = stageId(stage);
    if (!missing.has(id)) return Promise.resolve();
    let promise = started.get(id);
    if (promise === undefined) {
      const compute = async () => {
        if (failed) return;
        running.add(stage);
        try {
          await pool.run(store, stage, (part) => {
            parts.set(id, part);
            report();
          });
        } catch (error) {
          failed = true;
          throw error;
        } finally {
          running.delete(stage);
        }
        parts.set(id, 1);
        report();
      };
      promise = Promise.all(parents(stage).map(ensure)).then(() => inTurn(compute));
      started.set(id, promise);
    }
    return promise;
  };
  const outcomes = await Promise.allSettled(wanted.map(ensure));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** Runs what it is given, at most `count` at once and the others in the order in which they came. */
function slots(count: number): (work: () => Promise<void>) => Promise<void> {
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
