import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** @typedef {import("./statistics.mjs").Block} Block */

/**
 * @typedef {(steps: number) => Promise<{ seconds: number, cpu: number }>} Run does so many steps
 *   and tells the seconds they took, and the processor's seconds that the whole call took, all threads together
 */

/**
 * Measures runners in turn: in each round each has one block of at least `blockSeconds`, beginning with another
 * one every round, so that whatever slows the machine for a while slows all of them. Each is first run
 * until its steps take what they take, and then told how many steps a block of its own has.
 *
 * @param {Record<string, Run>} runners
 * @param {{ rounds: number, blockSeconds: number, onBlock?: (name: string, round: number) => void }} settings
 * @returns {Promise<Record<string, Block[]>>} blocks by runner, round by round
 */
export async function interleave(runners, { rounds, blockSeconds, onBlock = () => {} }) {
  const names = Object.keys(runners);
  /** @type {Record<string, number>} */
  const steps = {};
  for (const name of names) {
    onBlock(name, 0);
    steps[name] = await stepsFor(blockSeconds, runners[name]);
  }
  /** @type {Record<string, Block[]>} */
  const blocks = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) {
      onBlock(name, round + 1);
      blocks[name].push(await block(runners[name], steps[name]));
    }
  }
  return blocks;
}

/** How many steps last for `seconds` at least, found by trying until they do so twice: first steps are slow. */
async function stepsFor(seconds, run) {
  let steps = 1;
  for (let lasted = 0; lasted < 2; ) {
    const took = (await run(steps)).seconds;
    lasted = took < seconds ? 0 : lasted + 1;
    const enough = (1.1 * steps * seconds) / Math.max(took, 1e-6);
    if (lasted === 0) steps = Math.ceil(Math.min(enough, 4 * steps));
  }
  return steps;
}

/** A list that begins at another place. */
export const rotated = (names, by) => names.map((_, index) => names[(index + by) % names.length]);

/** @param {Run} run @param {number} steps @returns {Promise<Block>} */
async function block(run, steps) {
  const { seconds, cores, foreign } = await observed(() => run(steps));
  return { steps, seconds, cores, foreign };
}

/**
 * Does something and watches the machine meanwhile.
 *
 * @template {{ cpu: number }} Result
 * @param {() => Promise<Result>} work tells the processor's seconds that it took
 * @returns {Promise<Result & { cores: number, foreign: number }>} how many cores it kept busy on average, and the part
 *   of all cores that other processes used
 */
export async function observed(work) {
  const [began, busyBefore] = [performance.now(), busySeconds()];
  const result = await work();
  const elapsed = (performance.now() - began) / 1000;
  const others = busySeconds() - busyBefore - result.cpu;
  return {
    ...result,
    cores: result.cpu / elapsed,
    foreign: Math.max(0, others / (elapsed * cpus().length)),
  };
}

/** Seconds that this machine's cores have worked, all together. */
function busySeconds() {
  const [user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
    .split("\n", 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
