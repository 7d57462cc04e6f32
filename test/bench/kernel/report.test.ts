import { expect, test } from "vitest";
import { refusal } from "../../refusal.ts";
import { FEATURES } from "./features.mjs";
import { KERNELS, NAMES } from "./kernels.mjs";
import { summary } from "./measure.mjs";
import { inUnits, MEASURES } from "./measures.mjs";
import { withSection } from "./readme.mjs";
import { readmeSection, report } from "./report.mjs";
import { judge, TARGETS, targetLine } from "./targets.mjs";

/** A round in which everything takes `seconds`, and memory is that in gigabytes. */
const roundOf = (seconds: number, more = {}) => ({
  ...Object.fromEntries(
    Object.entries(MEASURES).map(([measure, { unit }]) => [
      measure,
      unit === "bytes" ? 1e9 * seconds : seconds,
    ]),
  ),
  found: { complete: true, inspect: true },
  foreign: 0,
  ...more,
});

/** What `measure` returns of kernels whose rounds took these seconds. */
function resultOf(seconds: Record<string, number[]>, more: Record<string, object> = {}) {
  const rounds = Object.fromEntries(
    Object.entries(seconds).map(([name, own]) => [name, own.map((each) => roundOf(each, more[name]))]),
  );
  const kernels = Object.fromEntries(
    Object.entries(rounds).map(([name, own]) => [
      name,
      {
        label: KERNELS[name]!.label,
        rounds: own,
        measures: summary(own, rounds.allroads!),
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
  };
}

const all = { allroads: [0.1, 0.2, 0.1], deno: [0.1, 0.4, 0.2], tslab: [1, 2, 4], python3: [0.2, 0.2, 0.2] };

test("ratios are found round by round, and medians of each kernel alone", () => {
  const { deno } = resultOf(all).kernels;
  expect(deno!.measures.roundTrip!.value!.median).toBe(0.2);
  expect(deno!.measures.roundTrip!.ratio).toEqual({ median: 0.5, low: 0.5, high: 0.75 });
});

test("rounds that gave no number are left out, of ratios those of both kernels", () => {
  const [whole, lost] = [roundOf(0.2), roundOf(0.4, { queued: null })];
  const { queued, roundTrip } = summary(
    [whole, lost, roundOf(0.8)],
    [roundOf(0.1), roundOf(0.1), roundOf(0.1)],
  );
  expect(queued!.value!.median).toBe(0.5);
  expect(queued!.ratio!.high).toBeCloseTo((0.125 + 3 * 0.5) / 4, 12);
  expect(roundTrip!.value!.median).toBe(0.4);
  expect(summary([lost], [whole]).queued).toEqual({ value: null, ratio: null });
});

test("each target is held against the kernel that it names, or against a number", () => {
  const met = (result: ReturnType<typeof resultOf>) =>
    judge(result.kernels).map(({ measure, beside, met }) => `${measure} ${beside ?? ""} ${met}`);
  expect(met(resultOf(all))).toEqual([
    "firstReply deno true",
    "firstResult deno true",
    "roundTrip deno true",
    "roundTrip tslab true",
    "queued tslab true",
    "complete  false",
    "inspect  false",
    "memoryAtStart  true",
  ]);
  expect(met(resultOf({ ...all, allroads: [0.9, 0.9, 0.9] })).every((line) => line.endsWith("false"))).toBe(
    true,
  );
});

test("a target beside a kernel that could not be had is not judged", () => {
  const { deno, ...others } = all;
  const judged = judge(resultOf(others).kernels);
  expect(judged.filter(({ beside }) => beside === "deno").map(({ met }) => met)).toEqual([null, null, null]);
  expect(targetLine(judged[0])).toMatch(/^– start to first reply: .*not measured/);
});

test("a line tells what was found, what was aimed at, and whether it was met", () => {
  const lines = judge(resultOf(all).kernels).map(targetLine);
  expect(lines[0]).toBe("✔ start to first reply: 0.50 × Deno's; at most 1.0 × Deno's");
  expect(lines[5]).toBe("✘ completion: 0.10 s; missed: at most 5.0 ms");
  expect(lines[7]).toBe("✔ memory at start: 100 MB; at most 150 MB");
  expect(lines).toHaveLength(TARGETS.length);
});

test("numbers are told in units that suit them", () => {
  expect(inUnits(0.00412, "seconds")).toBe("4.1 ms");
  expect(inUnits(0.372, "seconds")).toBe("0.37 s");
  expect(inUnits(0.0999, "seconds")).toBe("0.10 s");
  expect(inUnits(117.4e6, "bytes")).toBe("117 MB");
});

test("the report tells times, ratios, suites, features, targets and what to know about the numbers", () => {
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
  expect(text).toContain("– 100 queued cells: at most 0.10 × tslab's; not measured");
  expect(text).toContain("Deno: answers without what was asked for to inspection.");
  expect(text).toContain("tslab: in 3 of 3 rounds some replies or statuses to queued cells never came");
  expect(text).toMatch(/\n +tslab +–\n/);
  expect(text).toContain("ipykernel could not be measured: no network");
  expect(text).toMatch(/In 3 of 12 blocks other processes/);
});

test("the readme's part has a column for each kernel, and stands between its marks alone", () => {
  const part = readmeSection(resultOf(all));
  expect(part).toContain(`|  | ${NAMES.map((name) => KERNELS[name]!.label).join(" | ")} |`);
  expect(part).toContain("| completion | 0.10 s (0.10 s–0.15 s) | 0.20 s");
  expect(part).toContain("| `error` | ✔ | ✔ | ✘ | ✔ |");
  expect(part).toContain("| `history` | ◐ | – | ◐ | ◐ |");
  expect(part).toContain("measured on 2026-11-21");
  const [begin, end] = [
    "<!-- beside other kernels: written by `npm run bench -- kernel --write` -->",
    "<!-- end of beside other kernels -->",
  ];
  const readme = `before\n${begin}\nold\n${end}\nafter\n`;
  expect(withSection(readme, "new")).toBe(`before\n${begin}\n\nnew\n\n${end}\nafter\n`);
  expect(withSection(withSection(readme, "other"), "new")).toBe(withSection(readme, "new"));
  expect(refusal(() => withSection("without marks", "new"), 1)).toMatch(/must hold the lines.*put them back/);
});
