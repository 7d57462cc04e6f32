import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  claimsRule,
  judgementsSummary,
  judgementsTable,
  judgementsText,
  verdictSentence,
} from "../../src/experiments/theory/claim-text.ts";
import { shortNumber } from "../../src/report/charts/values.ts";
import { judge, judgeAll, parseClaims, readClaims } from "../../src/verdicts/claims.ts";

const file = "data/predictions/00-theory.yaml";
// biome-ignore lint/suspicious/noExplicitAny: the file is bent in many ways below
type Loose = any;
const bent = (change: (value: Loose) => void) => {
  const value = parse(readFileSync(file, "utf8"));
  change(value);
  return () => parseClaims(stringify(value), file);
};

const claim = (id: string, bound: object) => ({
  id,
  statement: "One is one.",
  source: "Arithmetic",
  "refuted by": "Another number.",
  measure: "The difference",
  bound,
});
const two = parseClaims(
  stringify({
    id: "99-two",
    registered: "2026-11-21",
    rule: { kind: "exact", holds: "All within.", fails: "Not all." },
    seed: 1,
    instances: { smoke: 2, laptop: 5 },
    claims: [claim("most", { "at most": 1e-12 }), claim("least", { "at least": 0.5 })],
  }),
);

describe("the theory's claims", () => {
  const claims = readClaims("00-theory");

  test("are registered with a date, and instances for every preset", () => {
    expect(claims.registered).toBe("2026-11-21");
    expect(Object.keys(claims.instances)).toEqual(["smoke", "laptop", "gpu"]);
  });

  test("have bounds that are numbers, small ones too", () => {
    expect(claims.claims.find(({ id }) => id === "lemma-identity")!.bound).toEqual({ "at most": 1e-12 });
  });
});

describe("a verdict", () => {
  test("is decided by every instance, and the bound itself is within", () => {
    expect(judge(two, "most", [0, 1e-12, 3e-13])).toMatchObject({ holds: true, extreme: 1e-12, beyond: 0 });
    expect(judge(two, "most", [0, 2e-12, 3e-12])).toMatchObject({ holds: false, extreme: 3e-12, beyond: 2 });
    expect(judge(two, "least", [0.5, 2])).toMatchObject({ holds: true, extreme: 0.5, instances: 2 });
    expect(judge(two, "least", [0.5, 0.4, 2])).toMatchObject({ holds: false, extreme: 0.4, beyond: 1 });
  });

  test("needs a registered claim and finite numbers", () => {
    expect(() => judge(two, "none", [1])).toThrow('99-two registers no claim "none"; it has: most, least.');
    expect(() => judge(two, "most", [])).toThrow("The instances of most is empty");
    expect(() => judge(two, "most", [0, Number.NaN])).toThrow("The instances of most[1] must be a finite");
  });

  test("is told in sentences made of its numbers", () => {
    expect(verdictSentence(judge(two, "most", [1e-13, -2]))).toBe(
      "**Holds**: at most 1e-13 over 2 instances (claimed: at most 1e-12).",
    );
    expect(verdictSentence(judge(two, "least", [0.5126]))).toBe(
      "**Holds**: at least 0.513 over 1 instance (claimed: at least 0.5).",
    );
    expect(verdictSentence(judge(two, "least", [0.7, -3, 0.4999]))).toBe(
      "**Fails**: beyond the bound on 2 of 3 instances, at the furthest −3 (claimed: at least 0.5).",
    );
  });

  test("stands with its claim's statement, source and what would refute it", () => {
    const text = judgementsText([judge(two, "least", [0.7])]);
    for (const part of [
      "**One is one.**",
      "Arithmetic.",
      "Another number.",
      "The difference. **Holds**: at least 0.7",
    ])
      expect(text).toContain(part);
  });

  test("shows stars and underscores as they are", () => {
    const starred = parseClaims(
      stringify({ ...two, claims: [{ ...two.claims[0], statement: "P*_r is π*." }] }),
    );
    expect(judgementsText([judge(starred, "most", [0])])).toContain("- **P\\*\\_r is π\\*.**<br>");
  });

  test("comes in the order of registration", () => {
    expect(judgeAll(two, { least: [1], most: [0] }).map(({ claim }) => claim.id)).toEqual(["most", "least"]);
    expect(() => judgeAll(two, { other: [1] })).toThrow('registers no claim "other"');
  });

  test("can be read in a list, a table and a summary", () => {
    const both = [judge(two, "most", [0]), judge(two, "least", [0])];
    expect(judgementsText(both).match(/^- /gm)).toHaveLength(2);
    expect(judgementsTable(both).values).toEqual([
      ["most", "holds", "0", "at most 1e-12", 1],
      ["least", "fails", "0", "at least 0.5", 1],
    ]);
    expect(judgementsSummary(two, both)).toBe("1 of 2 claims hold; not: least.");
    expect(judgementsSummary(two, judgeAll(two, { most: [0], least: [1] }))).toBe("All 2 claims hold.");
    expect(judgementsSummary(two, both.slice(0, 1))).toBe("1 of 2 claims hold; not computed: least.");
  });
});

describe("the text of claims", () => {
  test("says the rule, the instances and the seed", () => {
    expect(claimsRule(two)).toMatch(/^2 claims, registered on 2026-11-21\. \*Holds\*: All within\./);
    expect(claimsRule(two)).toContain("smoke 2, laptop 5; seed 1.");
  });

  test.each([
    [0, "0"],
    [3, "3"],
    [0.123456, "0.123"],
    [-0.5, "−0.5"],
    [1.26e-13, "1.3e-13"],
    [1e-8, "1e-8"],
    [0.0001, "1e-4"],
    [-Infinity, "−∞"],
  ])("writes %d as %s", (value, text) => expect(shortNumber(value)).toBe(text));
});

describe("a file that is not right", () => {
  test.each<[string, (value: Loose) => void, string | RegExp]>([
    [
      "has no bound",
      (v) => (v.claims[0].bound = {}),
      "`claims.0.bound`: give either `at most` or `at least`",
    ],
    ["has two bounds", (v) => (v.claims[1].bound["at least"] = 0), "`claims.1.bound`: give either"],
    ["has a bound in words", (v) => (v.claims[0].bound["at most"] = "small"), /`claims\.0\.bound\.at most`/],
    ["says nothing of refutation", (v) => delete v.claims[2]["refuted by"], "`claims.2.refuted by`"],
    ["has a claim twice", (v) => (v.claims[3].id = v.claims[0].id), '"lemma-identity" is registered twice'],
    ["has another rule", (v) => (v.rule.kind = "superiority"), "`rule.kind`"],
    ["has no instances", (v) => (v.instances.smoke = 0), "`instances.smoke`"],
    ["has an unknown field", (v) => (v.verdict = "holds"), 'unrecognized key: "verdict"'],
  ])("%s: file and field are named", (_, change, expected) => {
    expect(bent(change)).toThrow(`${file} is not as expected: `);
    expect(bent(change)).toThrow(expected);
  });

  test("is not YAML, or not there", () => {
    expect(() => parseClaims("claims: [", "a.yaml")).toThrow(/^a\.yaml is not YAML: \S.*[^\n]$/);
    expect(() => readClaims("99-none")).toThrow(/^data\/predictions\/99-none\.yaml could not be read/);
  });
});
