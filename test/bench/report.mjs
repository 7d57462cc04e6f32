import { joinWords } from "../../kernel/setup/command-line.mjs";
import { isTraining, runnerNamed } from "./cases.mjs";

/** The lines that `npm run bench` prints for a result of `measure`. */
export function report({ cases, products, sideBySide, rounds, quick, device, versions }) {
  const training = cases.filter(({ work }) => isTraining(work));
  const sampling = cases.filter(({ work }) => !isTraining(work));
  const processes = sideBySide[0]?.processes;
  return [
    `${device.name}${device.driver ? ` (driver ${device.driver})` : ""}, ${device.cores} cores, ${device.threads} threads; ` +
      `TensorFlow ${versions.tensorflow}, PyTorch ${versions.torch}, transformers ${versions.transformers}, Node ${versions.node}.`,
    `Relative times are medians and quartiles over ${rounds} rounds; the baseline is the runner with 1.00.`,
    ...(quick ? ["Quick run: the blocks were too short for meaningful numbers."] : []),
    ...section(
      ["training step", "runner", "ms", ...RELATIVE_COLUMNS, "of the floor", "of own floor"],
      training.flatMap((each) =>
        tableRows(
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
      ["sampling", "runner", "tokens/s", ...RELATIVE_COLUMNS],
      sampling.flatMap((each) =>
        tableRows(each, ({ tokensPerSecond }) => [String(Math.round(tokensPerSecond))]),
      ),
    ),
    ...section(
      [`${processes} at once, one thread each`, "runner", "steps/s", ...RELATIVE_COLUMNS],
      sideBySide.flatMap((each) => tableRows(each, ({ stepsPerSecond }) => [stepsPerSecond.toPrecision(3)])),
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
    "The floor is the time of a step's matrix products alone, at the rate of the large square product; the own floor is",
    "that time at the rate of the step's largest product.",
    ...notes(cases, products, sideBySide),
  ];
}

const RELATIVE_COLUMNS = ["relative time", "quartiles"];

/** A table after an empty line; nothing if there are no rows. */
export const section = (head, rows) => (rows.length === 0 ? [] : ["", ...table(head, rows)]);

/**
 * One row for each runner of a case; `before` and `after` give the columns on either side of the relative time.
 *
 * @param {any} case
 * @param {(runner: any) => string[]} before
 * @param {(runner: any) => string[]} after
 */
function tableRows({ name, runners }, before, after = () => []) {
  return Object.values(runners).map((runner, index) => {
    const { median, low, high } = runner.ratio;
    const relative = [median.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    return [index === 0 ? name : "", runner.label, ...before(runner), ...relative, ...after(runner)];
  });
}

/** A table as lines of text. The first column and a column "runner" are aligned left, all others right. */
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
const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** The share of the cores used by other processes above which the report mentions them. */
const NOISE = 0.1;

/** Notes on runners that could not be used and on interference by other processes. */
function notes(cases, products, sideBySide) {
  /** @type {Map<string, string[]>} */
  const missing = new Map();
  for (const { name, unavailable } of cases)
    for (const [runner, reason] of Object.entries(unavailable)) {
      const what = `${runnerNamed(runner).label} could not be used (${reason})`;
      missing.set(what, [...(missing.get(what) ?? []), name]);
    }
  const lines = [...missing].map(([what, names]) => `${what}: ${joinWords(names)}.`);
  const blocks = [
    ...[...cases, ...sideBySide].flatMap(({ runners }) =>
      Object.values(runners).map((runner) => runner.blocks),
    ),
    ...products.flatMap((product) => Object.values(product.blocks)),
  ].flat();
  return [...lines, ...interferenceNote(blocks)];
}

/** A note if other processes used the CPU during some blocks. @param {{ foreign: number }[]} blocks */
export function interferenceNote(blocks) {
  const disturbed = blocks.filter(({ foreign }) => foreign > NOISE).length;
  if (disturbed === 0) return [];
  return [
    `In ${disturbed} of ${blocks.length} blocks other processes used more than ${percent(NOISE)} of the cores: measure on an idle machine for more reliable numbers.`,
  ];
}
