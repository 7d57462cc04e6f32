import { expect, it } from "vitest";
import { estimatesText } from "../../src/report/estimate-text.ts";
import { findingsText } from "../../src/report/findings-text.ts";
import { armRows } from "../../src/report/registration-text.ts";
import { judgeHypotheses } from "../../src/verdicts/hypotheses.ts";
import { readRegistration } from "../../src/verdicts/registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

const registration = readRegistration("06-h4-data");
const rates = { dpo: 0.4, "dpo-2x": 0.45, "online-sft": 0.5, "online-dpo": 0.55 };
const arms = Object.entries(rates).flatMap(([id, rate]) => [
  armResult(id, rate),
  armResult(`${id}@wide pairs`, rate),
]);
const results = registration.seeds.test.laptop!.map((seed) => seedResult(seed, { arms }));

it("findings say the verdict first, then each number", () => {
  const [narrow, width] = findingsText(judgeHypotheses(registration, results)).split("\n\n**");
  expect(narrow).toMatch(
    /^\*\*H4-narrow: supported\.\*\* With narrow pairs .*\n\n- Online DPO \(SFT\) − DPO, .*\+10\.0/,
  );
  expect(width).toContain("H4-width: supported.");
});

it("estimates that no rule asks for are a list", () => {
  const text = estimatesText(
    results,
    [
      { metric: "greedy-win-rate", treatment: "online-dpo", control: "dpo" },
      { metric: "greedy-win-rate", treatment: "dpo", control: "dpo" },
    ],
    registration.interval,
  );
  expect(text.split("\n").map((line) => line.slice(0, 26))).toEqual([
    "- Online DPO (DPO) − DPO, ",
    "- DPO − DPO, win rate, gre",
  ]);
});

it("arms and scorers have their own names", () => {
  const names = armRows(registration).map(({ arm }) => arm);
  expect(names).toContain("Online DPO (SFT), wide pairs");
  expect(names.slice(-2)).toEqual(["Global RM", "Global RM, wide pairs"]);
});
