import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePublished, readPublished } from "../../src/report/published.ts";
import { arms } from "../../src/results/labels.ts";

const published = readPublished();
const row = (id: string) => published.rows.find((one) => one.id === id)!;

test("the main comparison is as published", () => {
  expect(row("pythia-1.4b").winRate).toEqual({
    sft: 26.2,
    dpo: 49.7,
    "dpo-2x": 52.2,
    "online-sft": 56.1,
    "online-dpo": 59.3,
  });
  expect(row("pythia-2.8b").winRate).toEqual({
    sft: 30.5,
    dpo: 54.9,
    "dpo-2x": null,
    "online-sft": 60.8,
    "online-dpo": 59.4,
  });
});

test("every number is of an arm that we know, from a source that is spelled out", () => {
  for (const { winRate, source } of published.rows) {
    expect(arms.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(winRate)));
    expect(published.sources[source]!.where.length).toBeGreaterThan(20);
  }
});

describe("a file that is not right is named", () => {
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
