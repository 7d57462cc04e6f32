import { Failure } from "./failure.mjs";
import { clearStatus, duration, say, status } from "./say.mjs";

/**
 * @typedef {object} Context what every step gets
 * @property {import("./paths.mjs").Paths} paths
 * @property {"cpu" | "cuda"} device
 * @property {(text: string) => void} progress shows how far the step has come
 */

/**
 * @typedef {object} Step one thing that set-up does
 * @property {string} name
 * @property {string[]} after the names of the steps that it builds on
 * @property {(context: Context) => boolean} ready whether its result is there and valid; fast
 * @property {(context: Context) => number} [space] gigabytes of disk that it takes at its peak
 * @property {(context: Context) => Promise<string | void>} run makes the result; may return what to report
 */

/**
 * Runs the steps that are not ready, each as soon as those that it builds on are done, and as many at a time
 * as can. Where one fails, the ones that do not build on it still finish, so that the next try starts further on.
 *
 * @param {Step[]} steps in an order in which each comes after those that it builds on
 * @param {Omit<Context, "progress">} context
 * @throws {Failure} the first that a step threw
 */
export async function runSteps(steps, context) {
  /** @type {Map<string, Promise<boolean>>} */
  const results = new Map();
  /** @type {Map<string, { started: number, progress: string }>} */
  const active = new Map();
  /** @type {unknown[]} */
  const failures = [];
  const ticker = setInterval(() => {
    const parts = [...active].map(
      ([name, { started, progress }]) =>
        `${name}${progress ? ` ${progress}` : ""} (${duration(performance.now() - started)})`,
    );
    if (parts.length > 0) status(`  ${parts.join(" · ")}`);
  }, 250);

  /** @param {Step} step */
  const perform = async (step) => {
    const before = await Promise.all(step.after.map((name) => results.get(name)));
    if (before.includes(false)) return false;
    const entry = { started: performance.now(), progress: "" };
    const progress = (text) => {
      entry.progress = text;
    };
    const mine = { ...context, progress };
    try {
      if (step.ready(mine)) return true;
      active.set(step.name, entry);
      const report = await step.run(mine);
      if (!step.ready(mine))
        throw new Failure(`Set-up of the ${step.name} left nothing usable: read ${context.paths.log}.`);
      say(`  ${step.name}: ${report ? `${report}, ` : ""}${duration(performance.now() - entry.started)}`);
      return true;
    } catch (error) {
      failures.push(error);
      say(`  ${step.name}: failed after ${duration(performance.now() - entry.started)}`);
      return false;
    } finally {
      active.delete(step.name);
    }
  };

  for (const step of steps) results.set(step.name, perform(step));
  await Promise.all(results.values());
  clearInterval(ticker);
  clearStatus();
  if (failures.length > 0) throw failures[0];
}
