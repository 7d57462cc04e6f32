import { caseName, runnerNamed } from "./cases.mjs";
import { startFramework } from "./frameworks.mjs";
import { interleave } from "./interleave.mjs";
import { requestOrFail } from "./json-worker.mjs";
import { roundLabel } from "./progress.mjs";
import { median, relativeTimes, stepSeconds } from "./statistics.mjs";

/**
 * Measures training in several processes at once with one thread each, which is how Allroads trains several seeds.
 * Allroads and PyTorch take turns. A block ends when the last process is done.
 *
 * @param {object} benchCase
 * @param {string} benchCase.size
 * @param {"sft" | "dpo"} benchCase.work
 * @param {string} benchCase.runner the runner of Allroads
 * @param {string} benchCase.baseline the runner of PyTorch
 * @param {number} processes the number of processes of each
 * @param {{ worker: string, device: "cpu" | "cuda", folder: string }} place
 * @param {import("./measure-case.mjs").Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureConcurrentTraining(benchCase, processes, place, settings, progress) {
  const { size, work, runner, baseline } = benchCase;
  const { worker, device, folder } = place;
  const name = caseName(benchCase);
  const started = [];
  try {
    const runs = {};
    for (const id of [runner, baseline]) {
      const { process: framework, runner: runnerName } = runnerNamed(id);
      const team = Array.from({ length: processes }, () =>
        startFramework(framework, { worker, threads: 1, device }),
      );
      started.push(...team);
      await Promise.all(team.map((each) => requestOrFail(each, { do: "prepare", size, folder })));
      const task = { work, size, runner: runnerName };
      runs[id] = (steps) => requestFromAll(team, { do: "run", task, steps });
    }
    const onBlock = (id, round) =>
      progress(
        `${name}, ${processes} at once: ${runnerNamed(id).label}, ${roundLabel(round, settings.rounds)}`,
      );
    const blocks = await interleave(runs, { ...settings, onBlock });
    const runners = Object.fromEntries(
      relativeTimes(blocks, baseline).map(({ name: id, blocks: own, ratio }) => {
        const stepsPerSecond = median(stepSeconds(own).map((seconds) => processes / seconds));
        return [id, { label: runnerNamed(id).label, stepsPerSecond, ratio, blocks: own }];
      }),
    );
    return { size, work, name, processes, baseline, runners };
  } finally {
    for (const each of started) each.kill();
  }
}

/** Sends a request to all workers. Returns the longest time and the sum of the CPU seconds. */
async function requestFromAll(workers, request) {
  const replies = await Promise.all(workers.map((worker) => requestOrFail(worker, request)));
  return {
    seconds: Math.max(...replies.map(({ seconds }) => seconds)),
    cpu: replies.reduce((sum, { cpu }) => sum + cpu, 0),
  };
}
