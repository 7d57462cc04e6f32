import { caseName, isTraining, OURS, runnerNamed } from "./cases.mjs";
import { interleave } from "./interleave.mjs";
import { leadOf } from "./lead.mjs";
import { reasonOf } from "./measure-case.mjs";
import { roundLabel } from "./progress.mjs";
import { median, relativeTimes, stepSeconds } from "./statistics.mjs";

/**
 * Measures several processes at once with one thread each, which is how Allroads works on several seeds. The runners take
 * turns. A block ends when the last process is done.
 *
 * @param {{ size: string, work: import("./cases.mjs").Case["work"], runners: string[], baseline: string }} benchCase
 * @param {import("./allroads/worker.ts").Facts} facts
 * @param {number} processes the number of processes of each runner
 * @param {string} folder the weights and examples of the case's size
 * @param {import("./measure-case.mjs").Start} start
 * @param {import("./measure-case.mjs").Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureSideBySide(benchCase, facts, processes, folder, start, settings, progress) {
  const { size, work } = benchCase;
  const name = `${caseName(benchCase)}, ${processes} at once`;
  const started = [];
  /** @type {Record<string, string>} */
  const unavailable = {};
  const giveUp = (id, error) => {
    unavailable[id] = reasonOf(error, id, name);
  };
  try {
    const runs = {};
    for (const id of benchCase.runners) {
      const { framework, runner } = runnerNamed(id);
      try {
        const team = Array.from({ length: processes }, () => start(framework, { threads: 1 }));
        started.push(...team);
        await Promise.all(team.map((each) => each.request({ do: "load", size, folder })));
        runs[id] = (steps) => requestFromAll(team, { do: "run", task: { work, size, runner }, steps });
      } catch (error) {
        giveUp(id, error);
      }
    }
    const onBlock = (id, round) =>
      progress(`${name}: ${runnerNamed(id).label}, ${roundLabel(round, settings.rounds)}`);
    const blocks = await interleave(runs, { ...settings, onBlock, onError: giveUp });
    const [first = OURS] = Object.keys(blocks);
    const baseline = benchCase.baseline in blocks ? benchCase.baseline : first;
    const perStep = isTraining(work) ? 1 : (facts.completions ?? 0) * (facts.length ?? 0);
    const runners = Object.fromEntries(
      relativeTimes(blocks, baseline).map(({ name: id, blocks: own, ratio }) => {
        const rate = median(stepSeconds(own).map((seconds) => (processes * perStep) / seconds));
        const speed = isTraining(work) ? { stepsPerSecond: rate } : { tokensPerSecond: rate };
        return [id, { label: runnerNamed(id).label, ...speed, ratio, blocks: own }];
      }),
    );
    const lead = leadOf(blocks, isTraining(work));
    return { size, work, name, processes, baseline, runners, lead, unavailable };
  } finally {
    for (const each of started) each.kill();
  }
}

/** Sends a request to all workers. Returns the longest time and the sum of the CPU seconds. */
async function requestFromAll(workers, request) {
  const replies = await Promise.all(workers.map((worker) => worker.request(request)));
  return {
    seconds: Math.max(...replies.map(({ seconds }) => seconds)),
    cpu: replies.reduce((sum, { cpu }) => sum + cpu, 0),
  };
}
