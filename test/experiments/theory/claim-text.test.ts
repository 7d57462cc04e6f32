import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import {
  claimSentence,
  claimsRule,
  claimsSummary,
  claimsTable,
  claimsText,
  registeredInstances,
} from "../../../src/experiments/theory/claim-text.ts";
import { type ExactFinding, judgeExact } from "../../../src/verdicts/judge.ts";
import { parseExactRegistration } from "../../../src/verdicts/read-registration.ts";
import type { ExactRegistration } from "../../../src/verdicts/registration.ts";

const claim = (id: string, bound: object, statement = "One is one.") => ({
  id,
  statement,
  source: "Arithmetic",
  "refuted by": "Another number.",
  measure: "The difference",
  bound,
});
const registrationOf = (...claims: readonly object[]): ExactRegistration =>
  parseExactRegistration(
    stringify({
      id: "99-two",
      registered: "2026-11-21",
      rule: { kind: "exact", holds: "All within.", fails: "Not all." },
      seed: 1,
      instances: { smoke: 2, laptop: 5 },
      claims,
    }),
  );
const two = registrationOf(claim("most", { "at most": 1e-12 }), claim("least", { "at least": 0.5 }));
const findingOf = (id: "most" | "least", values: readonly number[], registration = two): ExactFinding => {
  const [finding] = judgeExact(registration, { [id]: values });
  if (finding === undefined) throw new Error(`There is no finding of ${id}.`);
  return finding;
};

describe("a claim's sentence", () => {
  test("gives verdict, most extreme value and bound", () => {
    expect(claimSentence(findingOf("most", [1e-13, -2]))).toBe(
      "**Supported**: at most 1e-13 over 2 instances (claimed: at most 1e-12).",
    );
    expect(claimSentence(findingOf("least", [0.5126]))).toBe(
      "**Supported**: at least 0.513 over 1 instance (claimed: at least 0.5).",
    );
    expect(claimSentence(findingOf("least", [0.7, -3, 0.4999]))).toBe(
      "**Refuted**: beyond the bound on 2 of 3 instances, at the furthest −3 (claimed: at least 0.5).",
    );
  });
});

describe("the text of claims", () => {
  test("shows statement, source, what would refute it, and verdict", () => {
    const text = claimsText([findingOf("least", [0.7])]);
    expect(text).toContain("**One is one.**");
    expect(text).toContain("*Source:* Arithmetic. *Refuted by:* Another number.");
    expect(text).toContain("*Computed:* The difference. **Supported**: at least 0.7");
  });

  test("escapes Markdown", () => {
    const starred = registrationOf(claim("most", { "at most": 1 }, "P*_r is π*."));
    expect(claimsText([findingOf("most", [0], starred)])).toContain("- **P\\*\\_r is π\\*.**<br>");
  });

  test("says the rule, the instances and the seed", () => {
    expect(claimsRule(two)).toMatch(/^2 claims, registered on 2026-11-21\. \*Supported\*: /);
    expect(claimsRule(two)).toContain("smoke 2, laptop 5; seed 1.");
  });
});

test("the table has a row per claim", () => {
  expect(claimsTable(judgeExact(two, { most: [0], least: [0] })).values).toEqual([
    ["most", "supported", "0", "at most 1e-12", 1],
    ["least", "refuted", "0", "at least 0.5", 1],
  ]);
});

test("the summary names claims that are refuted or not computed", () => {
  const summary = (values: Record<string, number[]>) => claimsSummary(two, judgeExact(two, values));
  expect(summary({ most: [0], least: [1] })).toBe("All 2 claims are supported.");
  expect(summary({ most: [0], least: [0] })).toBe("1 of 2 claims are supported; not: least.");
  expect(summary({ most: [0] })).toBe("1 of 2 claims are supported; not computed: least.");
});

test("the random instances of a preset are those registered, and a preset without them is an error", () => {
  expect(registeredInstances(two, "laptop")).toEqual({ seed: 1, instances: 5 });
  expect(() => registeredInstances(two, "gpu")).toThrow(
    "99-two registers no number of instances for the preset gpu.",
  );
});
