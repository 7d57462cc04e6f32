import { setTimeout } from "node:timers/promises";
import { kindOf } from "./kind-of.ts";
import type { Lease, LeaseOptions } from "./lease.ts";
import type { Pool } from "./pool.ts";
import { stoppedBySignals } from "./signals.ts";
import type { Stage } from "./stage.ts";
import { inputsOf, stageId, withAncestors } from "./stage-id.ts";
import type { RunStore } from "./store.ts";

/** Progress of a set of stages, in the units of `StageKind.cost`. */
export interface ExecutionProgress {
  readonly done: number;
  readonly total: number;
  /** How many of the stages that the store lacked are done. */
  readonly stages: { readonly done: number; readonly total: number };
  /** Names of the stages being computed, or that other processes compute, if this one can only wait for them. */
  readonly running: readonly string[];
}

/** How `execute` shares the store with other processes, for tests. */
export interface ExecutionOptions {
  readonly lease?: Partial<LeaseOptions>;
  /** Milliseconds between two looks at the stages that other processes compute. */
  readonly look?: number;
}

/** A stage that the store lacks. */
interface Work {
  readonly id: string;
  readonly stage: Stage;
  readonly inputs: readonly string[];
  readonly cost: number;
  readonly lease: Lease;
  fraction: number;
  /** When another process was last found computing it, in milliseconds of `performance.now`. */
  seen?: number;
}

/**
 * Computes `wanted` and their ancestors, each stage once, as soon as its inputs are stored and a worker is free. What
 * the store holds is not computed again, and what another process computes is waited for. If a stage fails, no further
 * stage starts; throws the failure that comes first in the order of `wanted` once the running stages have ended.
 *
 * On SIGTERM, SIGINT or SIGHUP closes the pool, whose workers leave checkpoints, and exits; see `stoppedBySignals`.
 */
export async function execute(
  store: RunStore,
  wanted: readonly Stage[],
  pool: Pool,
  onProgress: (progress: ExecutionProgress) => void = () => {},
  options: ExecutionOptions = {},
): Promise<void> {
  const missing = withAncestors(wanted)
    .filter((stage) => !store.has(stage))
    .map((stage): Work => {
      const cost = kindOf(stage).cost(stage);
      const lease = store.lease(stage, options.lease);
      return { id: stageId(stage), stage, inputs: inputsOf(stage).map(stageId), cost, lease, fraction: 0 };
    });
  await stoppedBySignals((stop) => computeAll(store, missing, pool, onProgress, options.look ?? 1000, stop));
}

async function computeAll(
  store: RunStore,
  missing: readonly Work[],
  pool: Pool,
  onProgress: (progress: ExecutionProgress) => void,
  look: number,
  stop: AbortSignal,
): Promise<void> {
  const waiting = new Map(missing.map((work) => [work.id, work]));
  const running = new Map<Work, Promise<void>>();
  /** What other processes were computing at the last look. */
  const elsewhere = new Set<Work>();
  const failures = new Map<Work, unknown>();

  const total = missing.reduce((sum, { cost }) => sum + cost, 0);
  const report = () =>
    onProgress({
      done: missing.reduce((sum, { cost, fraction }) => sum + fraction * cost, 0),
      total,
      stages: { done: missing.length - waiting.size, total: missing.length },
      running:
        running.size > 0
          ? [...running.keys()].map(nameOf)
          : namesElsewhere(elsewhere).map((name) => `waiting for ${name}`),
    });
  const progress = (work: Work, fraction: number) => {
    work.fraction = fraction;
    report();
  };

  const compute = async (work: Work) => {
    await undefined; // It is in `running` before it can end.
    try {
      await pool.run(store.folder, work.stage, (fraction) => progress(work, fraction));
    } catch (error) {
      failures.set(work, error);
    }
    work.lease.release();
    running.delete(work);
    if (failures.has(work)) return;
    waiting.delete(work.id);
    progress(work, 1);
  };

  /** Starts a stage, unless it has been stored since or another process computes it. */
  const start = (work: Work) => {
    elsewhere.delete(work);
    try {
      const isOurs = !store.has(work.stage) && work.lease.take();
      if (store.has(work.stage)) {
        work.lease.release();
        waiting.delete(work.id);
        progress(work, 1);
      } else if (isOurs) {
        running.set(work, compute(work));
        report();
      } else {
        work.seen = performance.now();
        elsewhere.add(work);
      }
    } catch (error) {
      work.lease.release();
      failures.set(work, error);
    }
  };

  /** Many stages are looked at less often each, to spare a file server. */
  const pause = () => look + 20 * elsewhere.size;
  const startReady = () => {
    const now = performance.now();
    for (const work of waiting.values()) {
      if (running.size >= pool.size || failures.size > 0 || stop.aborted) return;
      const isReady = !running.has(work) && !work.inputs.some((id) => waiting.has(id));
      const isDue = work.seen === undefined || now - work.seen >= pause();
      if (isReady && isDue) start(work);
    }
  };

  stop.addEventListener("abort", () => pool.close());
  for (let idle = 0; ; ) {
    startReady();
    const isEnding = failures.size > 0 || stop.aborted || waiting.size === 0;
    if (running.size === 0 && isEnding) break;
    idle = running.size === 0 ? idle + 1 : 0;
    if (idle === 10) store.notify(`Waiting for ${namesElsewhere(elsewhere).join(", ")}.`);
    const looks = !isEnding && running.size < pool.size && elsewhere.size > 0;
    await firstOf([...running.values()], looks || running.size === 0 ? pause() : undefined, stop);
  }
  // No process exits before its workers have: where it is the leader of a job, they would be killed with it.
  if (stop.aborted) await pool.close();
  const failed = missing.find((work) => failures.has(work));
  if (failed !== undefined) throw failures.get(failed);
}

function nameOf({ stage }: Work): string {
  return `${stage.kind} (seed ${stage.setting.seed})`;
}

/** At most three of these stages with who computes them, and the number of others. */
function namesElsewhere(works: ReadonlySet<Work>): string[] {
  const named = [...works].slice(0, 3).map((work) => `${nameOf(work)}, computed by ${work.lease.holder()}`);
  return works.size > 3 ? [...named, `${works.size - 3} more`] : named;
}

/** Waits until one of `promises` has ended, or until `pause` milliseconds, if given, are over or `stop` is aborted. */
async function firstOf(
  promises: readonly Promise<void>[],
  pause: number | undefined,
  stop: AbortSignal,
): Promise<void> {
  if (pause === undefined) return Promise.race(promises);
  const over = new AbortController();
  const end = () => over.abort();
  stop.addEventListener("abort", end);
  const paused = setTimeout(pause, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([...promises, paused]);
  stop.removeEventListener("abort", end);
  end();
}
