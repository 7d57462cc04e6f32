import { expect, test } from "vitest";
import { armRows, hypothesisText, registrationText, ruleText } from "../../src/report/registration-text.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";

test("a registration is shown with its measures, rules, needs and seeds", () => {
  const text = registrationText(readRegistration("10-ablation-two-words"));
  for (const part of [
    "**Claim.** Where a completion is so short",
    "- win rate, greedy decoding: Share of evaluation prompts",
    "- **Hypothesis H6b.** With two words",
    "  - *Measured*: Online DPO (DPO) − DPO (2x) in win rate, greedy decoding.",
    "  - *Rule* (equivalence): supported if every interval is within ± 3 points, refuted if one is outside ± 3 points, otherwise not shown.",
    "Online DPO (DPO) below 95 points in share of the optimum",
    "laptop 41, 42, 43, 44, 45",
    "on seeds 0, 1, 2, 20, which are never tested",
  ])
    expect(text).toContain(part);
});

test("a hypothesis that strengthens another says so", () => {
  const [main, robust] = readRegistration("01-main-comparison").hypotheses.map(hypothesisText);
  expect(main).toContain("*Refuted by*: The upper bound of any main contrast is below zero.");
  expect(robust).toContain("*Strengthens main*: supported only if main is supported too, and never refuted.");
});

test("rules are written with the unit of what is measured", () => {
  expect(ruleText({ kind: "superiority" }, "share")).toBe(
    "supported if every interval is above zero, refuted if one is below zero, otherwise not shown",
  );
  expect(ruleText({ kind: "non-inferiority", margin: 0.15 }, "reward")).toContain("above −0.15");
  expect(ruleText({ kind: "bound", side: "at least", value: 1e-3 }, "")).toContain("at least 0.001");
});

test("arms and scorers have their own names", () => {
  const names = armRows(readRegistration("06-h4-data")).map(({ arm }) => arm);
  expect(names).toContain("Online DPO (SFT), wide pairs");
  expect(names.slice(-2)).toEqual(["Global RM", "Global RM, wide pairs"]);
});
