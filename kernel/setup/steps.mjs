import { formatDuration } from "../display/duration.mjs";
import { Failure } from "./failure.mjs";
import { clearStatus, log, showStatus } from "./log.mjs";

/**
 * @typedef {object} Context what every step is given
 * @property {import("./paths.mjs").Paths} paths
 * @property {"cpu" | "cuda"} device
 * @property {string} [library] the folder of a TensorFlow library to use instead of the pinned one
 * @property {(text: string) => void} progress shows the step's progress in the status line
 */

/**
 * @typedef {object} Step one part of set-up
 * @property {string} name
 * @property {string[]} after the names of the steps it depends on
 * @property {(context: Context) => boolean} ready whether its result exists and is valid; takes milliseconds
 * @property {(context: Context) => number} [space] the most disk space it uses, in gigabytes
 * @property {(context: Context) => Promise<string | void>} run creates the result; may return a text for the log
 */

/** The time between two lines on the running steps where stdout is not a terminal, in milliseconds. */
const LOG_INTERVAL = 30_000;

/**
 * Runs the steps that are not ready, each as soon as its dependencies are done, in parallel. If a step fails, those
 * that do not depend on it still finish.
 *
 * @param {Step[]} steps each after its dependencies
 * @param {Omit<Context, "progress">} context
 * @throws the first error that a step threw
 */
export async function runSteps(steps, context) {
  /** @type {Map<string, Promise<boolean>>} */
  const results = new Map();
  /** @type {Map<string, { started: number, progress: string }>} */
  const active = new Map();
  /** @type {unknown[]} */
  const failures = [];
  let shown = performance.now();
  const timer = setInterval(() => {
    if (!process.stdout.isTTY && performance.now() - shown < LOG_INTERVAL) return;
    shown = performance.now();
    const parts = [...active].map(
      ([name, { started, progress }]) =>
        `${name}${progress ? ` ${progress}` : ""} (${formatDuration(performance.now() - started)})`,
    );
    if (parts.length > 0) (process.stdout.isTTY ? showStatus : log)(`  ${parts.join(" · ")}`);
  }, 250);

  /** @param {Step} step */
  const perform = async (step) => {
    const dependencies = await Promise.all(step.after.map((name) => results.get(name)));
    if (dependencies.includes(false)) return false;
    const entry = { started: performance.now(), progress: "" };
    const progress = (text) => {
      entry.progress = text;
    };
    const stepContext = { ...context, progress };
    try {
      if (step.ready(stepContext)) return true;
      active.set(step.name, entry);
      const report = await step.run(stepContext);
      if (!step.ready(stepContext))
        throw new Failure(
          `Set-up of the ${step.name} finished without a valid result: see ${context.paths.log}.`,
        );
      log(
        `  ${step.name}: ${report ? `${report}, ` : ""}${formatDuration(performance.now() - entry.started)}`,
      );
      return true;
    } catch (error) {
      failures.push(error);
      log(`  ${step.name}: failed after ${formatDuration(performance.now() - entry.started)}`);
      return false;
    } finally {
      active.delete(step.name);
    }
  };

  for (const step of steps) results.set(step.name, perform(step));
  await Promise.all(results.values());
  clearInterval(timer);
  clearStatus();
  if (failures.length > 0) throw failures[0];
}
