import { nameOf, RUNNERS } from "./cases.mjs";
import { interleave } from "./interleave.mjs";
import { must } from "./measure-case.mjs";
import { start } from "./processes.mjs";
import { turn } from "./progress.mjs";
import { median, ratio, stepSeconds } from "./statistics.mjs";

/**
 * Trains as the product trains seeds: many processes of one thread at once, of Allroads and then of PyTorch, each
 * the same steps. A block lasts until the last of them is done.
 *
 * @param {{ size: string, work: "sft" | "dpo", runners: string[] }} each two runners, the second the baseline
 * @param {number} processes how many of each
 * @param {{ worker: string, device: "cpu" | "cuda", folder: string }} place
 * @param {import("./measure-case.mjs").Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureSideBySide(each, processes, { worker, device, folder }, settings, progress) {
  const { size, work } = each;
  const name = nameOf(each);
  const started = [];
  try {
    const runs = {};
    for (const runner of each.runners) {
      const { process: kind, runner: known } = RUNNERS[runner];
      const team = Array.from({ length: processes }, () => start(kind, { worker, threads: 1, device }));
      started.push(...team);
      await Promise.all(team.map((one) => must(one, { do: "prepare", size, folder })));
      const task = { work, size, runner: known };
      runs[runner] = (steps) => together(team, { do: "run", task, steps });
    }
    const onBlock = (runner, round) =>
      progress(`${name}, ${processes} at once: ${RUNNERS[runner].label}, ${turn(round, settings.rounds)}`);
    const blocks = await interleave(runs, { ...settings, onBlock });
    const baseline = each.runners[1];
    const runners = Object.fromEntries(
      Object.entries(blocks).map(([runner, own]) => {
        const stepsPerSecond = median(stepSeconds(own).map((seconds) => processes / seconds));
        const { label } = RUNNERS[runner];
        return [runner, { label, stepsPerSecond, ratio: ratio(own, blocks[baseline]), blocks: own }];
      }),
    );
    return { size, work, name, processes, baseline, runners };
  } finally {
    for (const one of started) one.end();
  }
}

/** All processes' answers as one: the seconds until the last, and the processor's seconds of all. */
async function together(team, request) {
  const replies = await Promise.all(team.map((one) => must(one, request)));
  return {
    seconds: Math.max(...replies.map(({ seconds }) => seconds)),
    cpu: replies.reduce((sum, { cpu }) => sum + cpu, 0),
  };
}
