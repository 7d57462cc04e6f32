import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { contrastIds, parsePrediction, readPrediction } from "../../src/verdicts/predictions.ts";

const file = "data/predictions/01-main-comparison.yaml";
// biome-ignore lint/suspicious/noExplicitAny: the file is bent in many ways below
type Loose = any;
const bent = (change: (value: Loose) => void) => {
  const value = parse(readFileSync(file, "utf8"));
  change(value);
  return () => parsePrediction(stringify(value), file);
};

describe("the main comparison's prediction", () => {
  const prediction = readPrediction("01-main-comparison");

  test("asks what the paper asked, on greedyRewards win rate", () => {
    expect(prediction.registered).toBe("2026-11-21");
    expect(contrastIds(prediction)).toEqual({
      main: ["online-sft-vs-dpo", "online-dpo-vs-dpo"],
      robustness: ["online-sft-vs-dpo-best", "online-dpo-vs-dpo-best"],
    });
    expect(prediction.metric.id).toBe("greedy-win-rate");
    expect(prediction.interval).toEqual({
      method: "paired hierarchical bootstrap",
      outer: "seeds",
      inner: "prompts",
      draws: 10_000,
      level: 0.95,
    });
  });

  test("keeps the tuning seeds out of every preset, and has enough seeds in those that can decide", () => {
    expect(prediction.seeds.tuning).toEqual([0, 1, 20]);
    for (const seeds of Object.values(prediction.seeds.test))
      for (const seed of prediction.seeds.tuning) expect(seeds).not.toContain(seed);
    expect(prediction.seeds.test.laptop).toHaveLength(5);
    expect(prediction.seeds.test.gpu).toHaveLength(20);
  });
});

describe("a file that is not right", () => {
  test.each<[string, (value: Loose) => void, string | RegExp]>([
    ["lacks a field", (v) => delete v.claim, /`claim`: invalid input: expected string/],
    ["has an unknown field", (v) => (v.verdict = "supported"), /unrecognized key: "verdict"/],
    [
      "has a wrong kind",
      (v) => (v.seeds.minimum = "five"),
      /`seeds\.minimum`: invalid input: expected number/,
    ],
    ["has no date", (v) => (v.registered = "soon"), /`registered`/],
    ["has another rule", (v) => (v.rule.kind = "equivalence"), /`rule\.kind`/],
    [
      "tests on a tuning seed",
      (v) => v.seeds.test.laptop.push(20),
      "`seeds.test.laptop`: seed 20 is a tuning seed",
    ],
    ["lists a seed twice", (v) => v.seeds.test.gpu.push(21), "`seeds.test.gpu`: seed 21 is listed twice"],
    [
      "contrasts an unknown arm",
      (v) => (v.contrasts.main[1].control = "ppo"),
      '`contrasts.main.1.control`: "ppo" is not among `arms`',
    ],
  ])("%s: file and field are named", (_, change, expected) => {
    expect(bent(change)).toThrow(`${file} is not as expected: `);
    expect(bent(change)).toThrow(expected);
  });

  test("is not YAML, or not there", () => {
    expect(() => parsePrediction("claim: [", "a.yaml")).toThrow(/^a\.yaml is not YAML: \S.*[^\n]$/);
    expect(() => readPrediction("99-none")).toThrow(/^data\/predictions\/99-none\.yaml could not be read/);
  });
});
