import { Failure } from "../../kernel/setup/failure.mjs";
import { checkAgreement } from "./agreement.mjs";
import { BASELINES, caseName, isTraining, OPTIONAL_RUNNER, runnerNamed } from "./cases.mjs";
import { interleave } from "./interleave.mjs";
import { requestOrFail, WorkerError, withFullStop } from "./json-worker.mjs";
import { roundLabel } from "./progress.mjs";
import { fastestRunner, medianSeconds, relativeTimes } from "./statistics.mjs";

/** @typedef {Record<"ours" | "pytorch", import("./json-worker.mjs").JsonWorker>} Workers */

/**
 * @typedef {object} Settings
 * @property {number} rounds
 * @property {number} blockSeconds
 */

/** The number of steps whose losses are compared. */
const CHECKED_STEPS = 5;

/**
 * Measures one case: checks that all its runners compute the same, then measures them in turn.
 *
 * @param {import("./cases.mjs").Case} benchCase
 * @param {import("./allroads/worker.ts").Facts} facts
 * @param {Workers} workers which have prepared the case's size
 * @param {Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureCase(benchCase, facts, workers, settings, progress) {
  const { size, work } = benchCase;
  const name = caseName(benchCase);
  const runners = benchCase.runners.map((id) => {
    const { label, process, runner } = runnerNamed(id);
    return { id, label, worker: workers[process], task: { work, size, runner } };
  });

  /** @type {Record<string, number[]>} */
  const values = {};
  /** @type {Record<string, string>} */
  const unavailable = {};
  for (const { id, label, worker, task } of runners) {
    progress(`${name}: preparing ${label}`);
    try {
      values[id] = (await worker.request({ do: "check", task, steps: CHECKED_STEPS })).values;
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      if (id !== OPTIONAL_RUNNER)
        throw new Failure(`${name}: ${label} failed: ${withFullStop(error.message)}`);
      unavailable[id] = error.message;
    }
  }
  const baselines = BASELINES[work];
  const differences = checkAgreement(benchCase, values, baselines[0], facts.length ?? 0);

  const available = runners.filter(({ id }) => id in values);
  const runs = Object.fromEntries(
    available.map(({ id, worker, task }) => [
      id,
      (steps) => requestOrFail(worker, { do: "run", task, steps }),
    ]),
  );
  const onBlock = (id, round) =>
    progress(`${name}: ${runnerNamed(id).label}, ${roundLabel(round, settings.rounds)}`);
  const blocks = await interleave(runs, { ...settings, onBlock });
  for (const worker of Object.values(workers)) await requestOrFail(worker, { do: "forget" });

  const baseline = fastestRunner(blocks, baselines);
  const tokens = (facts.completions ?? 0) * (facts.length ?? 0);
  const results = Object.fromEntries(
    relativeTimes(blocks, baseline).map(({ name: id, blocks: own, ratio }) => {
      const seconds = medianSeconds(own);
      const speed = isTraining(work) ? {} : { tokensPerSecond: tokens / seconds };
      return [id, { label: runnerNamed(id).label, seconds, ...speed, ratio, blocks: own }];
    }),
  );
  return { size, work, name, ...facts, differences, baseline, runners: results, unavailable };
}
