import { Failure } from "../../kernel/setup/failure.mjs";
import { checkAgreement } from "./agreement.mjs";
import { Refusal } from "./answering.mjs";
import { BASELINES, isTraining, nameOf, OPTIONAL, RUNNERS } from "./cases.mjs";
import { interleave } from "./interleave.mjs";
import { turn } from "./progress.mjs";
import { fastest, medianSeconds, ratio } from "./statistics.mjs";

/** @typedef {Record<"ours" | "pytorch", import("./answering.mjs").Answering>} Processes */

/**
 * @typedef {object} Settings
 * @property {number} rounds
 * @property {number} blockSeconds
 */

/** How many losses are compared. */
const CHECKED_STEPS = 5;

/** An error's message with one full stop. */
const sentence = (error) => `${error.message.replace(/\.$/, "")}.`;

/** What a process answers; what it cannot do becomes a Failure. */
export async function must(process, request) {
  try {
    return await process.ask(request);
  } catch (error) {
    if (error instanceof Refusal)
      throw new Failure(`The process of ${process.name} failed: ${sentence(error)}`);
    throw error;
  }
}

/**
 * Measures one case: first that all its runners compute the same, then in turn how long each takes.
 *
 * @param {import("./cases.mjs").Case} each
 * @param {import("./allroads/worker.ts").Facts} facts
 * @param {Processes} processes which have been told to prepare the case's size
 * @param {Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureCase(each, facts, processes, settings, progress) {
  const { size, work } = each;
  const name = nameOf(each);
  const taskOf = (runner) => ({ work, size, runner: RUNNERS[runner].runner });
  const processOf = (runner) => processes[RUNNERS[runner].process];

  /** @type {Record<string, number[]>} */
  const values = {};
  /** @type {Record<string, string>} */
  const unavailable = {};
  for (const runner of each.runners) {
    progress(`${name}: ${RUNNERS[runner].label} gets ready`);
    try {
      values[runner] = (
        await processOf(runner).ask({ do: "check", task: taskOf(runner), steps: CHECKED_STEPS })
      ).values;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (runner !== OPTIONAL)
        throw new Failure(`${name}: ${RUNNERS[runner].label} failed: ${sentence(error)}`);
      unavailable[runner] = error.message;
    }
  }
  const possible = BASELINES[work];
  const differences = checkAgreement(each, values, possible[0], facts.length ?? 0);

  const runs = Object.fromEntries(
    Object.keys(values).map((runner) => [
      runner,
      (steps) => must(processOf(runner), { do: "run", task: taskOf(runner), steps }),
    ]),
  );
  const onBlock = (runner, round) =>
    progress(`${name}: ${RUNNERS[runner].label}, ${turn(round, settings.rounds)}`);
  const blocks = await interleave(runs, { ...settings, onBlock });
  for (const one of Object.values(processes)) await must(one, { do: "forget" });

  const baseline = fastest(blocks, possible);
  const tokens = (facts.completions ?? 0) * (facts.length ?? 0);
  const runners = Object.fromEntries(
    Object.entries(blocks).map(([runner, own]) => {
      const seconds = medianSeconds(own);
      const speed = isTraining(work) ? {} : { tokensPerSecond: tokens / seconds };
      const { label } = RUNNERS[runner];
      return [runner, { label, seconds, ...speed, ratio: ratio(own, blocks[baseline]), blocks: own }];
    }),
  );
  return { size, work, name, ...facts, differences, baseline, runners, unavailable };
}
