import { Failure } from "../../kernel/setup/failure.mjs";
import { caseName, isSampling, runnerNamed } from "./cases.mjs";
import { relativeDifference } from "./statistics.mjs";

/** The largest relative difference of losses or sums: rounding in float32 stays far below it over a few steps. */
const TOLERANCE = 1e-3;

/** The least share of equal greedy completions. If two tokens are equally likely, rounding decides between them. */
const EQUAL_COMPLETIONS = 0.5;

/**
 * Checks that all runners of a case compute the same.
 *
 * @param {import("./cases.mjs").Case} benchCase
 * @param {Record<string, number[]>} values by runner: the losses of the first steps, the tokens of all greedy
 *   completions, or the sum of the magnitudes of the weights that were read
 * @param {string} baseline the runner that the others are compared with
 * @param {number} length tokens per completion
 * @returns {Record<string, number>} by runner: the largest relative difference of a loss or sum, or the share of greedy
 *   completions that differ
 * @throws {Failure} if a runner differs too much
 */
export function checkAgreement(benchCase, values, baseline, length) {
  const expected = values[baseline];
  if (expected === undefined) throw new Error(`The baseline ${baseline} has no values.`);
  const sampling = isSampling(benchCase.work);
  /** @type {Record<string, number>} */
  const differences = {};
  for (const [name, actual] of Object.entries(values)) {
    const difference = sampling
      ? 1 - shareOfEqualRows(actual, expected, length)
      : relativeDifference(actual, expected);
    differences[name] = difference;
    if (difference <= (sampling ? 1 - EQUAL_COMPLETIONS : TOLERANCE)) continue;
    const who = `${caseName(benchCase)}: ${runnerNamed(name).label} and ${runnerNamed(baseline).label}`;
    const what =
      benchCase.work === "load" ? "the weights" : `the losses of the first ${expected.length} steps`;
    throw new Failure(
      sampling
        ? `${who} agree in ${percent(1 - difference)} % of their greedy completions; at least ${percent(EQUAL_COMPLETIONS)} % is required. They do not sample from the same model, so their times cannot be compared.`
        : `${who} differ by ${percent(difference)} % in ${what}; at most ${percent(TOLERANCE)} % is allowed. They do not compute the same, so their times cannot be compared.`,
    );
  }
  return differences;
}

const percent = (share) => Number((100 * share).toPrecision(2));

/** The share of rows of `length` numbers that are equal in both lists; 0 if the lists differ in length. */
function shareOfEqualRows(actual, expected, length) {
  if (actual.length !== expected.length) return 0;
  const rows = expected.length / length;
  const equal = Array.from({ length: rows }, (_, row) =>
    expected
      .slice(row * length, (row + 1) * length)
      .every((token, index) => token === actual[row * length + index]),
  );
  return equal.filter(Boolean).length / rows;
}
