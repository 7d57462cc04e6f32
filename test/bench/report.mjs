import { joinWords } from "../../kernel/setup/command-line.mjs";
import { isSampling, isTraining, runnerNamed } from "./cases.mjs";

/** The lines that `npm run bench` prints for a result of `measure`. */
export function report({ cases, products, sideBySide, rounds, quick, device, versions }) {
  const training = cases.filter(({ work }) => isTraining(work));
  const sampling = cases.filter(({ work }) => isSampling(work));
  const loading = cases.filter(({ work }) => work === "load");
  const measured = [...cases, ...sideBySide];
  const names = {
    tensorflow: "TensorFlow",
    torch: "PyTorch",
    transformers: "transformers",
    jax: "JAX",
    node: "Node",
  };
  const libraries = Object.entries(names).filter(([key]) => versions[key] !== undefined);
  return [
    `${device.name}${device.driver ? ` (driver ${device.driver})` : ""}, ${device.cores} cores, ${device.threads} threads; ` +
      `${libraries.map(([key, name]) => `${name} ${versions[key]}`).join(", ")}.`,
    `Relative times are medians and quartiles over ${rounds} rounds; the baseline is the runner with 1.00.`,
    ...(quick ? ["Quick run: the blocks were too short for meaningful numbers."] : []),
    ...section(
      ["training step", "runner", "prompts", "ms", ...RELATIVE_COLUMNS, "of the floor", "of own floor"],
      training.flatMap((each) =>
        tableRows(
          each,
          ({ seconds, shared }) => [shared ? "shared" : "repeated", milliseconds(seconds)],
          ({ seconds }) => [
            percent(each.floor.seconds / seconds),
            percent(each.floor.secondsAtLargest / seconds),
          ],
        ),
      ),
    ),
    ...section(
      ["sampling", "runner", "per second", ...RELATIVE_COLUMNS],
      sampling.flatMap((each) => tableRows(each, (runner) => [rate(runner)])),
    ),
    ...section(
      ["reading a model", "runner", "ms", ...RELATIVE_COLUMNS],
      loading.flatMap((each) => tableRows(each, ({ seconds }) => [milliseconds(seconds)])),
    ),
    ...section(
      ["one thread each", "runner", "per second", ...RELATIVE_COLUMNS],
      sideBySide.flatMap((each) => tableRows(each, (runner) => [rate(runner)])),
    ),
    ...section(
      ["time of Allroads", "by the best peer's", "quartiles", "best peer", "engine", "algorithm"],
      measured.filter(({ lead }) => lead).map(leadRow),
    ),
    ...(device.kind === "cpu"
      ? section(["memory of a step", "runner", "MB", "bytes per parameter"], memoryRows(training))
      : []),
    ...section(
      ["matrix product", "TensorFlow, GFLOP/s", "PyTorch, GFLOP/s"],
      products.map(({ shape, flopsPerSecond: { ours, pytorch } }) => [
        shape.join(" × "),
        gigaflops(ours),
        gigaflops(pytorch),
      ]),
    ),
    "",
    ...EXPLANATIONS,
    ...notes(measured, products),
  ];
}

const EXPLANATIONS = [
  "Shared prompts: a training step computes each prompt once for all its completions, and in the last layer only its keys",
  "and values. Engine: the time of Allroads by that of the fastest peer that shares prompts too. Algorithm: what sharing",
  "prompts alone changes, the time of eager PyTorch with shared prompts by that without.",
  "Memory is the peak of the resident memory of a runner's process in its third to fifth step, less that of the process",
  "before it read weights and examples. What the process keeps from compiling is included.",
  "The floor is the time of a step's matrix products alone, at the rate of the large square product; the own floor is",
  "that time at the rate of the step's largest product.",
];

const RELATIVE_COLUMNS = ["relative time", "quartiles"];

const NONE = "–";

/** What the lead of a case is due to, as a row of the table. */
function leadRow({ name, lead: { overall, engine, algorithm } }) {
  return [
    name,
    overall.ratio.median.toFixed(2),
    range(overall.ratio),
    runnerNamed(overall.peer).label,
    engine?.ratio.median.toFixed(2) ?? NONE,
    algorithm?.median.toFixed(2) ?? NONE,
  ];
}

/** The memory of training steps, one row for each runner whose memory is known. */
function memoryRows(cases) {
  return cases.flatMap(({ name, parameters, runners }) =>
    Object.values(runners)
      .filter(({ memory }) => typeof memory === "number")
      .map(({ label, memory }, index) => [
        index === 0 ? name : "",
        label,
        (memory / 1e6).toFixed(0),
        (memory / parameters).toPrecision(3),
      ]),
  );
}

/** A table after an empty line; nothing if there are no rows. */
export const section = (head, rows) => (rows.length === 0 ? [] : ["", ...table(head, rows)]);

/**
 * One row for each runner of a case, and one with dashes for each that could not be used; `before` and `after` give the
 * columns on either side of the relative time.
 *
 * @param {any} case
 * @param {(runner: any) => string[]} before
 * @param {(runner: any) => string[]} after
 */
function tableRows({ name, runners, unavailable }, before, after = () => []) {
  const rows = Object.values(runners).map((runner) => [
    runner.label,
    ...before(runner),
    runner.ratio.median.toFixed(2),
    range(runner.ratio),
    ...after(runner),
  ]);
  const columns = rows[0]?.length ?? 0;
  for (const id of Object.keys(unavailable))
    rows.push([runnerNamed(id).label, ...Array(columns - 1).fill(NONE)]);
  return rows.map((row, index) => [index === 0 ? name : "", ...row]);
}

/** The columns that contain words, besides the first. */
const WORDS = ["runner", "prompts", "best peer"];

/** A table as lines of text. Columns of words are aligned left, all others right. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const left = head.map((name, column) => column === 0 || WORDS.includes(name));
  const line = (row) =>
    row
      .map((cell, column) => (left[column] ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)];
}

const milliseconds = (seconds) => (1000 * seconds).toPrecision(3);
const rate = ({ tokensPerSecond, stepsPerSecond }) =>
  tokensPerSecond === undefined
    ? `${stepsPerSecond.toPrecision(3)} steps`
    : `${Math.round(tokensPerSecond)} tokens`;
const gigaflops = (flops) => (flops === undefined ? NONE : (flops / 1e9).toPrecision(3));
const range = ({ low, high }) => `${low.toFixed(2)}–${high.toFixed(2)}`;
const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** @type {Record<string, string>} */
const NAMES = { pytorch: "PyTorch", jax: "JAX" };

/**
 * @param {string[]} words
 * @returns {string[]}
 */
const distinct = (words) => [...new Set(words)];

/** The share of the cores used by other processes above which the report mentions them. */
const NOISE = 0.1;

/** A sentence on each reason why runners could not be used, and one on interference by other processes. */
function notes(cases, products) {
  const failures = cases.flatMap(({ name, unavailable }) =>
    Object.entries(unavailable).map(([runner, reason]) => ({ name, runner: runnerNamed(runner), reason })),
  );
  const lines = distinct(failures.map(({ reason }) => reason)).map((reason) => {
    const same = failures.filter((each) => each.reason === reason);
    const labels = distinct(same.map(({ runner }) => runner.label));
    const who = labels.length === 1 ? labels : distinct(same.map(({ runner }) => NAMES[runner.framework]));
    const where = joinWords(distinct(same.map(({ name }) => name)));
    return `${joinWords(who)} could not be used (${reason.replace(/\.$/, "")}): ${where}.`;
  });
  const blocks = [
    ...cases.flatMap(({ runners }) => Object.values(runners).map((runner) => runner.blocks)),
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
