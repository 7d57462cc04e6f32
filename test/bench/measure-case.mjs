import { Failure } from "../../kernel/setup/failure.mjs";
import { checkAgreement } from "./agreement.mjs";
import { baselineCandidates, caseName, isPeer, isSampling, isTraining, runnerNamed } from "./cases.mjs";
import { interleave } from "./interleave.mjs";
import { WorkerError, withFullStop } from "./json-worker.mjs";
import { leadOf } from "./lead.mjs";
import { roundLabel } from "./progress.mjs";
import { fastestRunner, medianSeconds, relativeTimes } from "./statistics.mjs";

/** @typedef {import("./json-worker.mjs").JsonWorker} JsonWorker */

/**
 * @typedef {(framework: import("./cases.mjs").Framework, settings?: { threads?: number, parameters?: number }) => JsonWorker} Start
 *   starts a worker process; throws a Failure if the framework could not be set up
 *
 * @typedef {object} Settings
 * @property {number} rounds
 * @property {number} blockSeconds
 */

/** The number of steps whose losses are compared. */
const CHECKED_STEPS = 5;

/**
 * Measures one case: starts a process for each runner, checks that all compute the same, then measures them in turn.
 *
 * @param {import("./cases.mjs").Case} benchCase
 * @param {import("./allroads/worker.ts").Facts} facts
 * @param {string} folder the weights and examples of the case's size
 * @param {Start} start
 * @param {Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureCase(benchCase, facts, folder, start, settings, progress) {
  const { size, work } = benchCase;
  const name = caseName(benchCase);
  /** @type {Record<string, string>} */
  const unavailable = {};
  const giveUp = (id, error) => {
    unavailable[id] = reasonOf(error, id, name);
  };
  /** @type {Prepared[]} */
  const prepared = [];
  try {
    for (const id of benchCase.runners) {
      progress(`${name}: preparing ${runnerNamed(id).label}`);
      try {
        prepared.push(await prepare(id, benchCase, facts.parameters, folder, start));
      } catch (error) {
        giveUp(id, error);
      }
    }
    const values = Object.fromEntries(prepared.map((each) => [each.id, each.values]));
    const [reference] = baselineCandidates(work, Object.keys(values));
    const differences = checkAgreement(benchCase, values, reference, facts.length ?? 0);

    const runs = Object.fromEntries(prepared.map((each) => [each.id, each.run]));
    const onBlock = (id, round) =>
      progress(`${name}: ${runnerNamed(id).label}, ${roundLabel(round, settings.rounds)}`);
    const blocks = await interleave(runs, { ...settings, onBlock, onError: giveUp });

    const memory = Object.fromEntries(prepared.map((each) => [each.id, each.memory]));
    const baseline = fastestRunner(blocks, baselineCandidates(work, Object.keys(blocks)));
    const tokens = (facts.completions ?? 0) * (facts.length ?? 0);
    const runners = Object.fromEntries(
      relativeTimes(blocks, baseline).map(({ name: id, blocks: own, ratio }) => {
        const { label, shared } = runnerNamed(id);
        const seconds = medianSeconds(own);
        const more = isTraining(work)
          ? { shared, memory: memory[id] }
          : isSampling(work)
            ? { tokensPerSecond: tokens / seconds }
            : {};
        return [id, { label, seconds, ...more, ratio, blocks: own }];
      }),
    );
    const lead = leadOf(blocks, isTraining(work));
    return { size, work, name, ...facts, differences, baseline, runners, lead, unavailable };
  } finally {
    for (const { worker } of prepared) worker.kill();
  }
}

/**
 * @typedef {object} Prepared a runner in its own process
 * @property {string} id
 * @property {JsonWorker} worker
 * @property {number[]} values what the runners must agree on
 * @property {number | null} memory the bytes of a training step
 * @property {import("./interleave.mjs").Run} run
 */

/**
 * Starts the process of a runner and has it load a case and do the first steps.
 *
 * @param {string} id
 * @param {import("./cases.mjs").Case} case
 * @param {number} parameters
 * @param {string} folder
 * @param {Start} start
 * @returns {Promise<Prepared>}
 */
async function prepare(id, { size, work }, parameters, folder, start) {
  const { framework, runner } = runnerNamed(id);
  const task = { work, size, runner };
  const worker = start(framework, { parameters });
  try {
    await worker.request({ do: "load", size, folder });
    const { values, memory = null } = await worker.request({ do: "check", task, steps: CHECKED_STEPS });
    return { id, worker, values, memory, run: (steps) => worker.request({ do: "run", task, steps }) };
  } catch (error) {
    worker.kill();
    throw error;
  }
}

/**
 * Why a peer could not be used.
 *
 * @throws {unknown} the error of another kind than a worker's, or a Failure if the runner is Allroads' own
 */
export function reasonOf(error, id, name) {
  if (!(error instanceof WorkerError || error instanceof Failure)) throw error;
  if (isPeer(id)) return error.message;
  throw new Failure(`${name}: ${runnerNamed(id).label} failed: ${withFullStop(error.message)}`);
}
