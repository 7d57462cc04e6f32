import { expect, test } from "vitest";
import { refusal } from "../../refusal.ts";
import { CELLS } from "./cells.mjs";
import { FEATURES } from "./features.mjs";
import { kernelNamed, NAMES } from "./kernels.mjs";
import { summarize } from "./measure.mjs";
import { formatValue, METRICS } from "./metrics.mjs";
import { replaceSection } from "./readme.mjs";
import { readmeSection, report } from "./report.mjs";
import { checkTargets, TARGETS, targetLine } from "./targets.mjs";

/** A round in which every time is `seconds`, and the memory is as many gigabytes. */
const roundOf = (seconds: number, more = {}) => ({
  ...Object.fromEntries(
    Object.entries(METRICS).map(([metric, { unit }]) => [metric, unit === "bytes" ? 1e9 * seconds : seconds]),
  ),
  found: { complete: true, inspect: true },
  foreign: 0,
  ...more,
});

/** The seconds of each round by kernel; the Allroads kernel is always measured. */
type Seconds = { allroads: number[]; [kernel: string]: number[] };

/** A result of `measure` for kernels whose rounds took these seconds. */
function resultOf(seconds: Seconds, more: Record<string, object> = {}) {
  const roundsOf = (name: string, own: number[]) => own.map((each) => roundOf(each, more[name]));
  const ours = roundsOf("allroads", seconds.allroads);
  const kernels = Object.fromEntries(
    Object.entries(seconds).map(([name, own]) => [
      name,
      {
        label: kernelNamed(name).label,
        rounds: roundsOf(name, own),
        measures: summarize(roundsOf(name, own), ours),
        cells:
          kernelNamed(name).language === "python"
            ? null
            : Object.fromEntries(Object.keys(CELLS).map((id) => [id, name !== "deno" || id === "jsx"])),
        suites: { error: name === "tslab" ? "fail" : "pass", history: name === "deno" ? "none" : "part" },
        features: Object.fromEntries(Object.keys(FEATURES).map((id) => [id, name === "allroads"])),
      },
    ]),
  );
  return {
    date: "2026-11-21T10:00:00.000Z",
    quick: false,
    rounds: 3,
    device: { name: "A processor", cores: 2 },
    versions: {
      allroads: "0.1.0",
      deno: "2.9",
      tslab: "1.0",
      python3: "7.4",
      node: "22.0.0",
      python: "3.12",
    },
    kernels,
    unavailable: {},
    noCells: null as string | null,
  };
}

const all = { allroads: [0.1, 0.2, 0.1], deno: [0.1, 0.4, 0.2], tslab: [1, 2, 4], python3: [0.2, 0.2, 0.2] };

test("ratios are computed within each round", () => {
  const { deno } = resultOf(all).kernels;
  expect(deno?.measures.roundTrip?.value?.median).toBe(0.2);
  expect(deno?.measures.roundTrip?.ratio).toEqual({ median: 0.5, low: 0.5, high: 0.75 });
});

test("rounds without a number are left out, for ratios those of both kernels", () => {
  const [whole, lost] = [roundOf(0.2), roundOf(0.4, { queued: null })];
  const { queued, roundTrip } = summarize(
    [whole, lost, roundOf(0.8)],
    [roundOf(0.1), roundOf(0.1), roundOf(0.1)],
  );
  expect(queued?.value?.median).toBe(0.5);
  expect(queued?.ratio?.high).toBeCloseTo((0.125 + 3 * 0.5) / 4, 12);
  expect(roundTrip?.value?.median).toBe(0.4);
  expect(summarize([lost], [whole]).queued).toEqual({ value: null, ratio: null });
});

test("a target is relative to a kernel or absolute", () => {
  const met = (result: ReturnType<typeof resultOf>) =>
    checkTargets(result.kernels).map(({ metric, relativeTo, met }) => `${metric} ${relativeTo ?? ""} ${met}`);
  expect(met(resultOf(all))).toEqual([
    "firstReply deno true",
    "firstResult deno true",
    "roundTrip deno true",
    "roundTrip tslab true",
    "newSum deno true",
    "queued tslab true",
    "complete  false",
    "inspect  false",
    "memoryAtStart  true",
  ]);
  expect(met(resultOf({ ...all, allroads: [0.9, 0.9, 0.9] })).every((line) => line.endsWith("false"))).toBe(
    true,
  );
});

test("a target relative to a kernel that was not measured is not checked", () => {
  const { deno, ...others } = all;
  const checked = checkTargets(resultOf(others).kernels);
  expect(checked.filter(({ relativeTo }) => relativeTo === "deno").map(({ met }) => met)).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(checked.map(targetLine)[0]).toMatch(/^– start to first reply: .*not measured/);
});

test("a target line has the value, the limit and whether it is met", () => {
  const lines = checkTargets(resultOf(all).kernels).map(targetLine);
  expect(lines[0]).toBe("✔ start to first reply: 0.50 × Deno's; at most 1.0 × Deno's");
  expect(lines[6]).toBe("✘ completion: 0.10 s; missed: at most 5.0 ms");
  expect(lines[8]).toBe("✔ memory at start: 100 MB; at most 150 MB");
  expect(lines).toHaveLength(TARGETS.length);
});

test("values are formatted with a suitable unit", () => {
  expect(formatValue(0.00412, "seconds")).toBe("4.1 ms");
  expect(formatValue(0.372, "seconds")).toBe("0.37 s");
  expect(formatValue(0.0999, "seconds")).toBe("0.10 s");
  expect(formatValue(117.4e6, "bytes")).toBe("117 MB");
});

test("the report has times, ratios, suites, features, targets and notes", () => {
  const quirks = {
    deno: { found: { complete: true, inspect: false } },
    tslab: { queued: null, foreign: 0.5 },
  };
  const result = { ...resultOf(all, quirks), unavailable: { python3: "no network" } };
  const text = report(result).join("\n");
  expect(text).toContain("A processor, 2 cores; Allroads 0.1.0, Deno 2.9");
  expect(text).toMatch(/round trip of `1\+1` +Allroads +0\.10 s +0\.10 s–0\.15 s\n/);
  expect(text).toMatch(/\n +Deno +0\.20 s +0\.15 s–0\.30 s +0\.50 +0\.50–0\.75/);
  expect(text).toMatch(/\nerror +pass +pass +fail +pass\n/);
  expect(text).toContain("Allroads passes 1 of 2");
  expect(text).toMatch(/\ndebugger +yes +no +no +no\n/);
  expect(text).toMatch(/\nJSX with react-dom\/server +yes +yes +yes +–\n/);
  expect(text).toMatch(/\nwork +15 of 15 +1 of 15 +15 of 15 +–\n/);
  expect(text).toContain("– 100 queued cells: at most 0.10 × tslab's; not measured");
  expect(text).toContain("Deno: the answers to inspection are empty.");
  expect(text).toContain("tslab: in 3 of 3 rounds some replies or statuses of queued cells never arrived");
  expect(text).toMatch(/\n +tslab +–\n/);
  expect(text).toContain("ipykernel could not be measured: no network");
  expect(text).toMatch(/In 3 of 12 blocks other processes/);
});

test("the report says why the cells with npm packages were not run", () => {
  const text = report({ ...resultOf(all), noCells: "no network" }).join("\n");
  expect(text).toContain("The cells with npm packages were not run: no network");
  expect(text).not.toContain("JSX with");
});

test("the README section has a column per kernel and replaces the text between the markers", () => {
  const section = readmeSection(resultOf(all));
  expect(section).toContain(`|  | ${NAMES.map((name) => kernelNamed(name).label).join(" | ")} |`);
  expect(section).toContain("| completion | 0.10 s (0.10 s–0.15 s) | 0.20 s");
  expect(section).toContain("| `error` | ✔ | ✔ | ✘ | ✔ |");
  expect(section).toContain("| `history` | ◐ | – | ◐ | ◐ |");
  expect(section).toContain("| JSX with react-dom/server | ✔ | ✔ | ✔ | – |");
  expect(section).toContain("| `using` | ✔ | ✘ | ✔ | – |");
  expect(section).toContain("| work | 15 of 15 | 1 of 15 | 15 of 15 | – |");
  expect(section).toContain("Measured on 2026-11-21");
  const [begin, end] = [
    "<!-- beside other kernels: written by `npm run bench -- kernel --write` -->",
    "<!-- end of beside other kernels -->",
  ];
  const readme = `before\n${begin}\nold\n${end}\nafter\n`;
  expect(replaceSection(readme, "new")).toBe(`before\n${begin}\n\nnew\n\n${end}\nafter\n`);
  expect(replaceSection(replaceSection(readme, "other"), "new")).toBe(replaceSection(readme, "new"));
  expect(refusal(() => replaceSection("without markers", "new"), 1)).toMatch(
    /must contain the lines.*restore them/,
  );
});
