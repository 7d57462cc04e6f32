import { Failure } from "../../kernel/setup/failure.mjs";
import { isTraining, nameOf, RUNNERS } from "./cases.mjs";
import { relativeDifference } from "./statistics.mjs";

/** How far losses may lie apart, beside the baseline's: float32 rounding over a few steps stays well below. */
const TOLERANCE = 1e-3;

/** The part of greedy completions that must be the same: where two tokens are as likely, rounding decides. */
const SAME = 0.5;

/**
 * Throws unless all runners of a case compute the same.
 *
 * @param {import("./cases.mjs").Case} each
 * @param {Record<string, number[]>} values by runner: losses of the first steps, or greedy completions one after
 *   the other
 * @param {string} baseline the runner that the others are held against
 * @param {number} length of a completion
 * @returns {Record<string, number>} by runner: the largest relative difference of a loss, or the part of greedy
 *   completions that differ
 * @throws {Failure}
 */
export function checkAgreement(each, values, baseline, length) {
  const expected = values[baseline];
  const training = isTraining(each.work);
  /** @type {Record<string, number>} */
  const differences = {};
  for (const [name, found] of Object.entries(values)) {
    const difference = training ? relativeDifference(found, expected) : 1 - sameRows(found, expected, length);
    differences[name] = difference;
    if (difference <= (training ? TOLERANCE : 1 - SAME)) continue;
    const who = `${nameOf(each)}: ${RUNNERS[name].label} and ${RUNNERS[baseline].label}`;
    throw new Failure(
      training
        ? `${who} differ by ${percent(difference)} % in the losses of the first ${expected.length} steps, and ${percent(TOLERANCE)} % is allowed: they do not compute the same step, so their times say nothing.`
        : `${who} agree in ${percent(1 - difference)} % of their greedy completions, and ${percent(SAME)} % is the least: they do not sample from the same model, so their times say nothing.`,
    );
  }
  return differences;
}

const percent = (part) => Number((100 * part).toPrecision(2));

/** The part of rows of `length` numbers that are the same in both lists. */
function sameRows(found, expected, length) {
  if (found.length !== expected.length) return 0;
  const rows = expected.length / length;
  const same = Array.from({ length: rows }, (_, row) =>
    expected.slice(row * length, (row + 1) * length).every((token, at) => token === found[row * length + at]),
  );
  return same.filter(Boolean).length / rows;
}
