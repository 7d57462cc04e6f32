import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { porterStem } from "../../src/text/porter.ts";

const fixture = new URL("fixtures/stems.json", import.meta.url);
const groups: Record<string, string> = JSON.parse(readFileSync(fixture, "utf8"));

describe("porterStem", () => {
  test("equals nltk's PorterStemmer on 9,042 words", () => {
    const words = Object.entries(groups).flatMap(([stem, group]) =>
      group.split(" ").map((word) => [word, stem] as const),
    );
    expect(words).toHaveLength(9042);
    expect(words.filter(([word, stem]) => porterStem(word) !== stem)).toEqual([]);
  });

  test("does not change words of one or two letters", () => {
    expect(["s", "is", "ed"].map(porterStem)).toEqual(["s", "is", "ed"]);
  });

  test("accepts a long run of y", () => {
    expect(porterStem("y".repeat(20_000))).toHaveLength(20_000);
  });
});
