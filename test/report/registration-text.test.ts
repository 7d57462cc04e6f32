import { expect, test } from "vitest";
import { armRows, hypothesisText, registrationText, ruleText } from "../../src/report/registration-text.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";
import { hypothesisYaml, testRegistration } from "../verdicts/test-registration.ts";

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

test("a registration of tests is shown with its family, its smallest effects and what a verdict says", () => {
  const curves =
    "{ metric: greedy-win-rate, name: Gap, at equal: kl, treatment: [online-sft, online-dpo], control: [dpo, sft] }";
  const text = registrationText(
    testRegistration([
      hypothesisYaml("one", {
        primary: "true",
        needs: "[{ metric: greedy-win-rate, treatment: dpo, control: sft, above: 0.05 }]",
      }),
      hypothesisYaml("two", { rule: "{ kind: equivalence, margin: 0.03 }", estimate: curves }),
    ]),
  );
  for (const part of [
    "**Reported.** No source that was found says anything of it.",
    "- **Primary hypothesis one.** It is so.",
    "  - *Smallest effect of interest*: 3 points.",
    "  - *If supported*: it speaks for the paper's claim.",
    "  - *Tested only if*: DPO above SFT in win rate, greedy decoding by more than 5 points.",
    "- **Hypothesis two.**",
    "  - *Measured*: Gap in win rate, greedy decoding: the curve through Online DPO (SFT), Online DPO (DPO) less the curve through DPO, SFT, averaged over the KL from the reference that both reach.",
    "**Tests** are Student's t over seeds.",
    "at 5 % among the primary hypotheses of all registrations, and among the others of this one;",
    "Nothing is decided before all seeds of a preset have been run.",
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

test("an arm with several numbers of epochs has one row, which lists them", () => {
  const rows = armRows(readRegistration("01-best-epochs"));
  expect(rows.map(({ arm }) => arm)).toEqual([
    "SFT",
    "DPO",
    "Online DPO (SFT)",
    "DPO, re-anchored",
    "Online DPO (DPO)",
    "Global RM",
  ]);
  expect(rows[1]).toEqual({
    arm: "DPO",
    "what it is": "Offline DPO from SFT on the annotator's pairs.",
    epochs: "1, 2, 3, 5, 8, 12, 18, best",
  });
  expect(rows[0]?.epochs).toBe("");
});
