import { expect, test } from "vitest";
import { answerText, findingsTable } from "../../src/report/answer.ts";
import { handMadeChapter } from "../chapters.ts";

const online = (id: string) => (id.startsWith("online") ? 0.6 : 0.5);
const main = (seeds: number) => handMadeChapter("01-best-epochs", seeds, online).findings[0]!;

test("a verdict is one sentence with the number, the interval that decides, p-value and power", () => {
  expect(answerText(main(20))).toMatch(
    /^\*\*Supported, for the paper\.\*\* Online DPO from SFT wins .* prompts: \+10\.\d \[\+.*\] points.*, 20 seeds, p < \.001, power for 3 points above 99%\./,
  );
});

test("without all seeds the sentence says how many were run and gives the estimate", () => {
  expect(answerText(main(2))).toMatch(
    /^\*\*No verdict yet: 2 of the 20 registered seeds have been run\.\*\* .*: \+\d+\.\d \[.*\] points, 2 seeds\.$/,
  );
});

test("a broken seal stands in the place of the numbers", () => {
  const seal = { kind: "broken", changes: ["the row of DPO is missing"] } as const;
  const text = answerText({ ...main(20), seal });
  expect(text).toMatch(/^\*\*Seal broken\.\*\* .* Seal broken: the row of DPO is missing\.$/);
  expect(text).not.toContain("points, 20 seeds");
});

test("what makes a test uninformative is said once, below the sentence", () => {
  const apart = handMadeChapter("01-best-epochs", 20, online).findings.find(
    ({ hypothesis }) => hypothesis.id === "equal-entropy",
  )!;
  const told = {
    ...apart,
    status: "uninformative",
    estimates: [],
    test: { ...apart.test!, withoutOverlap: [203] },
  } as const;
  expect(answerText(told)).toMatch(/\n\nUninformative: no overlap in entropy.* on seed 203\.$/);
});

test("a table has a row for each hypothesis", () => {
  const { findings } = handMadeChapter("05-more-prompts", 20, online);
  const [, , ...rows] = findingsTable(findings).split("\n");
  expect(rows).toHaveLength(findings.length);
  expect(rows[0]).toContain("**H3** Three times the prompts");
});
