import { joinWords } from "../../../kernel/setup/command-line.mjs";
import { interferenceNote, section } from "../report.mjs";
import { CELLS } from "./cells.mjs";
import { FEATURES } from "./features.mjs";
import { kernelNamed, NAMES, OURS } from "./kernels.mjs";
import { formatValue, METRICS } from "./metrics.mjs";
import { checkTargets, targetLine } from "./targets.mjs";

/** The lines that `npm run bench -- kernel` prints for a result of `measure`. */
export function report(result) {
  const { kernels, unavailable, rounds, quick, noCells } = result;
  const found = Object.values(kernels);
  return [
    provenance(result),
    `Medians and quartiles of ${rounds} rounds; ratios are Allroads' value divided by the kernel's, within each round.`,
    ...(quick ? ["Quick run: too little was measured for meaningful numbers."] : []),
    ...section(["metric", "runner", "median", "quartiles", "ratio", "quartiles"], tableRows(kernels)),
    ...section(
      ["jupyter_kernel_test", ...found.map(({ label }) => label)],
      suiteNames(kernels).map((suite) => [suite, ...found.map(({ suites }) => suites[suite])]),
    ),
    `${found.map(({ label, suites }) => `${label} passes ${passed(suites)}`).join(", ")}.`,
    ...section(
      ["feature", ...found.map(({ label }) => label)],
      Object.entries(FEATURES).map(([id, what]) => [
        what.replaceAll("`", ""),
        ...found.map(({ features }) => yesNo(features[id])),
      ]),
    ),
    ...(noCells === null
      ? section(["cell", ...found.map(({ label }) => label)], cellRows(found, ["yes", "no"]))
      : []),
    "",
    ...checkTargets(kernels).map(targetLine),
    ...notes(kernels),
    ...Object.entries(unavailable).map(
      ([name, reason]) => `${kernelNamed(name).label} could not be measured: ${reason}`,
    ),
    ...(noCells === null ? [] : [`The cells with npm packages were not run: ${noCells}`]),
    ...interferenceNote(found.flatMap((each) => each.rounds)),
  ];
}

/** The machine and the versions of everything. */
export function provenance({ device, versions, kernels }) {
  const names = Object.keys(kernels).map((name) => `${kernelNamed(name).label} ${versions[name]}`);
  return `${device.name}, ${device.cores} cores; ${names.join(", ")}; Node ${versions.node}, Python ${versions.python}.`;
}

/** A row for each metric of each kernel. */
function tableRows(kernels) {
  return Object.entries(METRICS).flatMap(([metric, { name, unit }]) =>
    Object.entries(kernels).map(([kernel, { label, measures }], index) => {
      const { value, ratio } = measures[metric];
      const own = value
        ? [formatValue(value.median, unit), formatQuartiles(value, (number) => formatValue(number, unit))]
        : ["–", ""];
      const relative =
        kernel === OURS || !ratio
          ? ["", ""]
          : [ratio.median.toFixed(2), formatQuartiles(ratio, (part) => part.toFixed(2))];
      return [index === 0 ? name : "", label, ...own, ...relative];
    }),
  );
}

const formatQuartiles = ({ low, high }, format) => `${format(low)}–${format(high)}`;

/** A row for each of the cells that users write, with the number that work last. */
function cellRows(found, [works, fails]) {
  const mark = (cells, id) => (cells === null ? "–" : cells[id] ? works : fails);
  const count = (cells) =>
    cells === null ? "–" : `${Object.values(cells).filter(Boolean).length} of ${Object.keys(CELLS).length}`;
  return [
    ...Object.entries(CELLS).map(([id, what]) => [what, ...found.map(({ cells }) => mark(cells, id))]),
    ["work", ...found.map(({ cells }) => count(cells))],
  ];
}

const yesNo = (holds) => (holds ? "yes" : "no");

const suiteNames = (kernels) => Object.keys(kernels[OURS].suites);

const passed = (suites) => {
  const verdicts = Object.values(suites);
  return `${verdicts.filter((verdict) => verdict === "pass").length} of ${verdicts.length}`;
};

/** Notes on empty answers and lost messages, which the numbers do not show. @param {any} kernels */
function notes(kernels) {
  const lines = [];
  for (const { label, rounds } of Object.values(kernels)) {
    const empty = ["complete", "inspect"].filter((what) => rounds.some(({ found }) => !found[what]));
    if (empty.length > 0)
      lines.push(`${label}: the answers to ${joinWords(empty.map((what) => METRICS[what].name))} are empty.`);
    const lost = rounds.filter(({ queued }) => queued === null).length;
    if (lost > 0)
      lines.push(
        `${label}: in ${lost} of ${rounds.length} rounds some replies or statuses of queued cells never arrived; the times of these rounds are not counted.`,
      );
  }
  return lines;
}

/** The section of kernel/README.md that a complete run writes. */
export function readmeSection(result) {
  const { kernels, date, rounds } = result;
  const found = NAMES.map((name) => kernels[name]);
  const head = found.map(({ label }) => label);
  const measured = Object.entries(METRICS).map(([metric, { name, unit }]) => [
    name,
    ...found.map(({ measures }) => {
      const { value } = measures[metric];
      if (value === null) return "–";
      return `${formatValue(value.median, unit)} (${formatQuartiles(value, (number) => formatValue(number, unit))})`;
    }),
  ]);
  const suites = suiteNames(kernels).map((suite) => [
    `\`${suite}\``,
    ...found.map((each) => MARKS[each.suites[suite]]),
  ]);
  const features = Object.entries(FEATURES).map(([id, what]) => [
    what,
    ...found.map((each) => (each.features[id] ? "✔" : "✘")),
  ]);
  const definitions = Object.values(METRICS).map(({ name, definition }) => `*${name}*: ${definition}`);
  const targets = checkTargets(kernels).map((target) => `- ${targetLine(target)}`);
  return [
    `${provenance(result)} Medians of ${rounds} rounds with quartiles; every kernel is restarted in every round. Measured on ${date.slice(0, 10)} and written here by \`npm run bench -- kernel --write\`.`,
    markdown(["", ...head], measured),
    [`${definitions.join("; ")}.`, ...notes(kernels)].join(" "),
    "Targets, compared with the medians of the ratios within the rounds:",
    targets.join("\n"),
    "Test suites of `jupyter_kernel_test` (✔ passes, ◐ passes in part, ✘ fails, – not applicable), with each kernel's own calls to display and to clear output:",
    markdown(["", ...head], [...suites, ["passed", ...found.map((each) => passed(each.suites))]]),
    "Features, tried on each kernel; interrupts are sent as its kernelspec asks:",
    markdown(["", ...head], features),
    "Cells that users write, run in a folder with the packages that they import and without a `tsconfig.json`:",
    markdown(["", ...head], cellRows(found, ["✔", "✘"])),
  ].join("\n\n");
}

const MARKS = { pass: "✔", part: "◐", fail: "✘", none: "–" };

/** A Markdown table. The first column is aligned left, the others right. */
function markdown(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
