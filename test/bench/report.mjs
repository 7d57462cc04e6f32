import { list } from "../../kernel/setup/options.mjs";
import { isTraining, RUNNERS } from "./cases.mjs";

/** The lines that `npm run bench` prints, from what `measure` returns. */
export function report({ cases, products, sideBySide, rounds, quick, device, versions }) {
  const training = cases.filter(({ work }) => isTraining(work));
  const sampling = cases.filter(({ work }) => !isTraining(work));
  const processes = sideBySide[0]?.processes;
  return [
    `${device.name}${device.driver ? ` (driver ${device.driver})` : ""}, ${device.cores} cores, ${device.threads} threads; ` +
      `TensorFlow ${versions.tensorflow}, PyTorch ${versions.torch}, transformers ${versions.transformers}, Node ${versions.node}.`,
    `Relative times are beside those of the runner that has 1.00, in each of ${rounds} rounds: their median and quartiles.`,
    ...(quick ? ["Quick: blocks were too short for these numbers to mean anything."] : []),
    ...section(
      ["training step", "runner", "ms", ...BESIDE, "of the floor", "of own floor"],
      training.flatMap((each) =>
        rowsOf(
          each,
          ({ seconds }) => [milliseconds(seconds)],
          ({ seconds }) => [
            percent(each.floor.seconds / seconds),
            percent(each.floor.secondsAtLargest / seconds),
          ],
        ),
      ),
    ),
    ...section(
      ["sampling", "runner", "tokens/s", ...BESIDE],
      sampling.flatMap((each) =>
        rowsOf(each, ({ tokensPerSecond }) => [String(Math.round(tokensPerSecond))]),
      ),
    ),
    ...section(
      [`${processes} at once, one thread each`, "runner", "steps/s", ...BESIDE],
      sideBySide.flatMap((each) => rowsOf(each, ({ stepsPerSecond }) => [stepsPerSecond.toPrecision(3)])),
    ),
    ...section(
      ["matrix product", "TensorFlow, GFLOP/s", "PyTorch, GFLOP/s"],
      products.map(({ shape, flopsPerSecond: { ours, pytorch } }) => [
        shape.join(" × "),
        (ours / 1e9).toPrecision(3),
        (pytorch / 1e9).toPrecision(3),
      ]),
    ),
    "",
    "The floor is the time of a step's matrix products alone at the rate of the large square one; a step's own floor",
    "is that at the rate of the largest product in it.",
    ...remarks(cases, products, sideBySide),
  ];
}

const BESIDE = ["relative time", "quartiles"];

/** A table under an empty line; nothing where there are no rows. */
export const section = (head, rows) => (rows.length === 0 ? [] : ["", ...table(head, rows)]);

/**
 * One row for each runner of a case: columns of its own around those beside the baseline.
 *
 * @param {any} case
 * @param {(runner: any) => string[]} before
 * @param {(runner: any) => string[]} after
 */
function rowsOf({ name, runners }, before, after = () => []) {
  return Object.values(runners).map((runner, index) => {
    const { median, low, high } = runner.ratio;
    const beside = [median.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    return [index === 0 ? name : "", runner.label, ...before(runner), ...beside, ...after(runner)];
  });
}

/** Rows of text under a head, in columns: the first column and those named "runner" to the left, others to the right. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const left = head.map((name, column) => column === 0 || name === "runner");
  const line = (row) =>
    row
      .map((cell, column) => (left[column] ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)];
}

const milliseconds = (seconds) => (1000 * seconds).toPrecision(3);
const percent = (part) => `${(100 * part).toFixed(0)} %`;

/** The most of the cores that other processes may use before the report says so. */
const NOISE = 0.1;

/** What else should be known: runners that could not be used, and other processes that were in the way. */
function remarks(cases, products, sideBySide) {
  /** @type {Map<string, string[]>} */
  const missing = new Map();
  for (const { name, unavailable } of cases)
    for (const [runner, reason] of Object.entries(unavailable)) {
      const what = `${RUNNERS[runner].label} could not be used (${reason})`;
      missing.set(what, [...(missing.get(what) ?? []), name]);
    }
  const lines = [...missing].map(([what, names]) => `${what}: ${list(names)}.`);
  const blocks = [
    ...[...cases, ...sideBySide].flatMap(({ runners }) =>
      Object.values(runners).map((runner) => runner.blocks),
    ),
    ...products.flatMap((product) => Object.values(product.blocks)),
  ].flat();
  return [...lines, ...disturbance(blocks)];
}

/** A line where other processes were in the way of some blocks. @param {{ foreign: number }[]} blocks */
export function disturbance(blocks) {
  const disturbed = blocks.filter(({ foreign }) => foreign > NOISE).length;
  if (disturbed === 0) return [];
  return [
    `In ${disturbed} of ${blocks.length} blocks other processes used more than ${percent(NOISE)} of the cores: on a quiet machine the numbers are firmer.`,
  ];
}
