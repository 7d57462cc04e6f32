import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** @typedef {import("./statistics.mjs").Block} Block */

/**
 * @typedef {(steps: number) => Promise<{ seconds: number, cpu: number }>} Run does a number of steps; returns their
 *   wall-clock time, and the CPU seconds of the whole call, summed over all threads
 */

/**
 * Measures runners in turn: in each round every runner has one block of at least `blockSeconds`, and each round starts
 * with another runner, so that a temporary slowdown of the machine affects all of them. Before the first round each
 * runner is warmed up, which also finds the number of steps of its blocks.
 *
 * @param {Record<string, Run>} runners
 * @param {object} settings
 * @param {number} settings.rounds
 * @param {number} settings.blockSeconds
 * @param {(name: string, round: number) => void} [settings.onBlock] is called before each block
 * @param {(name: string, error: unknown) => void} [settings.onError] is called with the error of a runner, which then is
 *   left out; may throw
 * @returns {Promise<Record<string, Block[]>>} blocks by runner, in the order of the rounds
 */
export async function interleave(
  runners,
  { rounds, blockSeconds, onBlock = () => {}, onError = throwError },
) {
  /** @type {{ name: string, run: Run, steps: number, blocks: Block[] }[]} */
  const measured = [];
  for (const [name, run] of Object.entries(runners)) {
    onBlock(name, 0);
    try {
      measured.push({ name, run, steps: await stepsPerBlock(blockSeconds, run), blocks: [] });
    } catch (error) {
      onError(name, error);
    }
  }
  /** @type {Set<string>} */
  const failed = new Set();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, steps, blocks } of rotate(measured, round)) {
      if (failed.has(name)) continue;
      onBlock(name, round + 1);
      try {
        const { seconds, cores, foreign } = await withCpuUsage(() => run(steps));
        blocks.push({ steps, seconds, cores, foreign });
      } catch (error) {
        onError(name, error);
        failed.add(name);
      }
    }
  }
  const complete = measured.filter(({ name }) => !failed.has(name));
  return Object.fromEntries(complete.map(({ name, blocks }) => [name, blocks]));
}

const throwError = (_, error) => {
  throw error;
};

/** The number of steps that take at least `seconds`, in two consecutive tries since the first steps are slow. */
async function stepsPerBlock(seconds, run) {
  let steps = 1;
  for (let successes = 0; successes < 2; ) {
    const elapsed = (await run(steps)).seconds;
    successes = elapsed < seconds ? 0 : successes + 1;
    const estimate = (1.1 * steps * seconds) / Math.max(elapsed, 1e-6);
    if (successes === 0) steps = Math.ceil(Math.min(estimate, 4 * steps));
  }
  return steps;
}

/**
 * The list rotated to the left by `count` places.
 *
 * @template T
 * @param {readonly T[]} list
 * @param {number} count
 */
export function rotate(list, count) {
  const start = list.length === 0 ? 0 : count % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/**
 * Measures the use of the CPU while `work` runs.
 *
 * @template {{ cpu: number }} Result
 * @param {() => Promise<Result>} work returns the CPU seconds that it used
 * @returns {Promise<Result & { cores: number, foreign: number }>} the mean number of cores that `work` kept busy, and
 *   the share of all cores that other processes used
 */
export async function withCpuUsage(work) {
  const [startedAt, busyBefore] = [performance.now(), busySeconds()];
  const result = await work();
  const elapsed = (performance.now() - startedAt) / 1000;
  const others = busySeconds() - busyBefore - result.cpu;
  return {
    ...result,
    cores: result.cpu / elapsed,
    foreign: Math.max(0, others / (elapsed * cpus().length)),
  };
}

/** The fields of /proc/stat that count as busy: user, nice, system, irq and softirq. */
const BUSY_FIELDS = [0, 1, 2, 5, 6];
const TICKS_PER_SECOND = 100;

/** The busy time of all cores since boot, in seconds. */
function busySeconds() {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const fields = line.split(/\s+/).slice(1).map(Number);
  const ticks = fields.filter((_, index) => BUSY_FIELDS.includes(index));
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
}
