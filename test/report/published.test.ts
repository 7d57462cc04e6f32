import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePublished, readPublished } from "../../src/report/published.ts";
import { arms } from "../../src/results/labels.ts";

const published = readPublished();
const winRates = (id: string) => published.rows.find((row) => row.id === id)?.winRate;

test("the main comparison is as published", () => {
  expect(winRates("pythia-1.4b")).toEqual({
    sft: 26.2,
    dpo: 49.7,
    "dpo-2x": 52.2,
    "online-sft": 56.1,
    "online-dpo": 59.3,
  });
  expect(winRates("pythia-2.8b")).toEqual({
    sft: 30.5,
    dpo: 54.9,
    "dpo-2x": null,
    "online-sft": 60.8,
    "online-dpo": 59.4,
  });
});

test("every number is of a known arm and has a full source", () => {
  const known = Object.values(arms).map(({ id }) => id);
  for (const { winRate, source } of published.rows) {
    expect(known).toEqual(expect.arrayContaining(Object.keys(winRate)));
    expect(published.sources[source]?.where).toMatch(/.{20}/);
  }
});

describe("an error names what is not valid", () => {
  const text = readFileSync("data/paper/winrates.json", "utf8");
  test.each([
    [text.replace("26.2", "262"), "`rows.0.winRate.sft`"],
    [text.replace("26.2", '"26.2"'), "`rows.0.winRate.sft`"],
    [text.replace('"source": "digest"', '"source": "rumour"'), '"rumour" is not among `sources`'],
    [text.slice(0, -20), "data/paper/winrates.json is not JSON"],
  ])("%#", (wrong, expected) => {
    expect(() => parsePublished(wrong)).toThrow(expected);
  });
});
