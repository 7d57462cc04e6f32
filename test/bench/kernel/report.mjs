import { list } from "../../../kernel/setup/options.mjs";
import { disturbance, section } from "../report.mjs";
import { FEATURES } from "./features.mjs";
import { KERNELS, NAMES, OURS } from "./kernels.mjs";
import { inUnits, MEASURES } from "./measures.mjs";
import { judge, targetLine } from "./targets.mjs";

/** The lines that `npm run bench -- kernel` prints, from what `measure` returns. */
export function report(result) {
  const { kernels, unavailable, rounds, quick } = result;
  const found = Object.values(kernels);
  return [
    provenance(result),
    `Medians and quartiles of ${rounds} rounds; ratios are those of Allroads' time over the kernel's in each round.`,
    ...(quick ? ["Quick: too little was measured for these numbers to mean anything."] : []),
    ...section(
      ["measured", "runner", "median", "quartiles", "Allroads over it", "quartiles"],
      rowsOf(kernels),
    ),
    ...section(
      ["jupyter_kernel_test", ...found.map(({ label }) => label)],
      suiteNames(kernels).map((suite) => [suite, ...found.map(({ suites }) => suites[suite])]),
    ),
    `${found.map(({ label, suites }) => `${label} passes ${passed(suites)}`).join(", ")}.`,
    ...section(
      ["asked", ...found.map(({ label }) => label)],
      Object.entries(FEATURES).map(([id, what]) => [
        what.replaceAll("`", ""),
        ...found.map(({ features }) => yesNo(features[id])),
      ]),
    ),
    "",
    ...judge(kernels).map(targetLine),
    ...remarks(kernels),
    ...Object.entries(unavailable).map(
      ([name, reason]) => `${KERNELS[name].label} could not be measured: ${reason}`,
    ),
    ...disturbance(found.flatMap((each) => each.rounds)),
  ];
}

/** Where and when it was measured, and the versions of all. */
export function provenance({ device, versions, kernels }) {
  const names = Object.keys(kernels).map((name) => `${KERNELS[name].label} ${versions[name]}`);
  return `${device.name}, ${device.cores} cores; ${names.join(", ")}; Node ${versions.node}, Python ${versions.python}.`;
}

/** A row for each measure of each kernel. */
function rowsOf(kernels) {
  return Object.entries(MEASURES).flatMap(([measure, { name, unit }]) =>
    Object.entries(kernels).map(([kernel, { label, measures }], index) => {
      const { value, ratio } = measures[measure];
      const own = value
        ? [inUnits(value.median, unit), quartiles(value, (number) => inUnits(number, unit))]
        : ["–", ""];
      const beside =
        kernel === OURS || !ratio
          ? ["", ""]
          : [ratio.median.toFixed(2), quartiles(ratio, (part) => part.toFixed(2))];
      return [index === 0 ? name : "", label, ...own, ...beside];
    }),
  );
}

const quartiles = ({ low, high }, told) => `${told(low)}–${told(high)}`;

const yesNo = (holds) => (holds ? "yes" : "no");

const suiteNames = (kernels) => Object.keys(kernels[OURS].suites);

const passed = (suites) => {
  const verdicts = Object.values(suites);
  return `${verdicts.filter((verdict) => verdict === "pass").length} of ${verdicts.length}`;
};

/** What the numbers do not show: answers without what was asked for, and replies that never came. @param {any} kernels */
export function remarks(kernels) {
  const lines = [];
  for (const { label, rounds } of Object.values(kernels)) {
    const empty = ["complete", "inspect"].filter((what) => rounds.some(({ found }) => !found[what]));
    if (empty.length > 0)
      lines.push(
        `${label}: answers without what was asked for to ${list(empty.map((what) => MEASURES[what].name))}.`,
      );
    const lost = rounds.filter(({ queued }) => queued === null).length;
    if (lost > 0)
      lines.push(
        `${label}: in ${lost} of ${rounds.length} rounds some replies or statuses to queued cells never came; these rounds' times do not count.`,
      );
  }
  return lines;
}

/** The part of kernel/README.md that a whole run writes. */
export function readmeSection(result) {
  const { kernels, date, rounds } = result;
  const found = NAMES.map((name) => kernels[name]);
  const head = found.map(({ label }) => label);
  const measured = Object.entries(MEASURES).map(([measure, { name, unit }]) => [
    name,
    ...found.map(({ measures }) => {
      const { value } = measures[measure];
      if (value === null) return "–";
      return `${inUnits(value.median, unit)} (${quartiles(value, (number) => inUnits(number, unit))})`;
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
  const explained = Object.values(MEASURES).map(({ name, means }) => `*${name}*: ${means}`);
  const targets = judge(kernels).map((target) => `- ${targetLine(target)}`);
  return [
    `${provenance(result)} Medians of ${rounds} rounds, each kernel started anew in each, with quartiles; measured on ${date.slice(0, 10)} and written here by \`npm run bench -- kernel --write\`.`,
    markdown(["", ...head], measured),
    [`${explained.join("; ")}.`, ...remarks(kernels)].join(" "),
    "Targets, by the medians of ratios within the rounds:",
    targets.join("\n"),
    "Suites of `jupyter_kernel_test` (✔ passes, ◐ in part, ✘ fails, – has nothing to be asked for), with each kernel's own ways to show and to clear:",
    markdown(["", ...head], [...suites, ["passed", ...found.map((each) => passed(each.suites))]]),
    "Asked of each kernel, with an interrupt as its kernelspec has it:",
    markdown(["", ...head], features),
  ].join("\n\n");
}

const MARKS = { pass: "✔", part: "◐", fail: "✘", none: "–" };

/** A table, its first column to the left and the others to the right. */
function markdown(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
