import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { repositoryRoot } from "../../src/files/repository.ts";
import { arms, label, scorers, variant } from "../../src/results/labels.ts";
import { parseAny, parseRegistration } from "../../src/verdicts/read-registration.ts";
import { isTestForm } from "../../src/verdicts/test-form.ts";
import { hypothesisYaml, registrationYaml, testRegistration } from "./test-registration.ts";

// biome-ignore lint/suspicious/noExplicitAny: files that are wrong on purpose have no type
type Loose = any;

const yaml = registrationYaml(
  [
    hypothesisYaml("main", {
      primary: "true",
      "refuted by": "The contrary.",
      needs: "[{ metric: accuracy, treatment: global, control: global@noisy, above: 0.05 }]",
    }),
    hypothesisYaml("same", {
      rule: "{ kind: equivalence, margin: 0.03 }",
      estimate:
        "{ metric: greedy-win-rate, name: At one KL, at equal: kl, treatment: [online-sft, online-dpo], control: [dpo, dpo-2x] }",
    }),
  ],
  {
    secondary: "[{ metric: kl, treatment: online-dpo, control: dpo, caution: Read it beside the win rate. }]",
  },
).replace("global: scorer", "global: scorer, global@noisy: scorer of noisy labels");

test("a registration tested by Student's t is read with one estimate for each hypothesis", () => {
  const registration = parseRegistration(yaml);
  const [main, same] = registration.hypotheses;
  expect(main).toMatchObject({
    id: "main",
    primary: true,
    ifSupported: "for",
    refutedBy: "The contrary.",
    smallestEffect: 0.03,
    rule: { kind: "superiority" },
    estimates: [{ metric: "greedy-win-rate", treatment: arms.onlineDpo, control: arms.dpo }],
    needs: [
      {
        metric: "accuracy",
        treatment: scorers.global,
        control: variant(scorers.global, "noisy"),
        above: 0.05,
      },
    ],
  });
  expect(same?.primary).toBeUndefined();
  expect(same?.estimates).toEqual([
    {
      metric: "greedy-win-rate",
      name: "At one KL",
      atEqual: "kl",
      treatment: [arms.onlineSft, arms.onlineDpo],
      control: [arms.dpo, arms.dpo2x],
    },
  ]);
  expect(registration.secondary).toEqual([
    {
      estimates: [{ metric: "kl", treatment: arms.onlineDpo, control: arms.dpo }],
      caution: "Read it beside the win rate.",
    },
  ]);
  expect(registration.reported).toEqual([]);
  expect(registration.interval).toEqual({
    method: "student t",
    over: "seeds",
    level: 0.95,
    correction: "holm",
  });
  expect(registration.seeds.minimum).toBeUndefined();
});

test("an arm has the roles in which its base is known, or both", () => {
  const rolesOf = (id: string) =>
    parseRegistration(yaml.replace("sft: start", `sft: start, ${id}: other`)).arms.find(
      (one) => one.label.id === id,
    );
  expect(rolesOf("online-sft@wide")).toMatchObject({ roles: ["arm"] });
  expect(rolesOf("local")).toMatchObject({ roles: ["scorer"] });
  expect(rolesOf("dpo@5 epochs")).toMatchObject({
    roles: ["arm", "scorer"],
    label: variant(arms.dpo, "5 epochs"),
  });
  expect(rolesOf("own")).toMatchObject({ roles: ["arm", "scorer"], label: label("own", "own", "#707070") });
});

describe("a wrong file is rejected with the name of the field", () => {
  test.each<[string, (value: Loose) => void, string | RegExp]>([
    [
      "two estimates",
      (v) => (v.hypotheses[0].estimates = []),
      /`hypotheses\.0`: unrecognized key: "estimates"/,
    ],
    ["no estimate", (v) => delete v.hypotheses[0].estimate, "`hypotheses.0.estimate`"],
    [
      "unknown measure",
      (v) => (v.hypotheses[0].estimate.metric = "constructor"),
      "`hypotheses.0.estimate.metric`: there is no measure of this name",
    ],
    [
      "earlier name of a measure",
      (v) => (v.secondary[0].metric = "divergence"),
      "`secondary.0.metric`: there is no measure of this name",
    ],
    [
      "unknown arm",
      (v) => (v.hypotheses[0].estimate.control = "ppo"),
      '`hypotheses.0`: "ppo" is not among `arms`',
    ],
    [
      "unknown arm of a curve",
      (v) => v.hypotheses[1].estimate.control.push("ppo"),
      '"ppo" is not among `arms`',
    ],
    [
      "unknown secondary arm",
      (v) => (v.secondary[0].control = "ppo"),
      '`secondary.0`: "ppo" is not among `arms`',
    ],
    [
      "curve of one point",
      (v) => (v.hypotheses[1].estimate.control = ["dpo"]),
      "`hypotheses.1.estimate.control`: too small",
    ],
    [
      "curve over a scorer's measure",
      (v) => (v.hypotheses[1].estimate["at equal"] = "accuracy"),
      "both be measures of arms",
    ],
    [
      "need without a bound",
      (v) => delete v.hypotheses[0].needs[0].above,
      "`hypotheses.0.needs.0`: give `metric` with",
    ],
    [
      "primary without a side",
      (v) => delete v.hypotheses[0]["if supported"],
      "`hypotheses.0.if supported`: say whether",
    ],
    [
      "superiority without an effect",
      (v) => delete v.hypotheses[0]["smallest effect"],
      "`hypotheses.0.smallest effect`: superiority needs",
    ],
    [
      "equivalence without a margin",
      (v) => delete v.hypotheses[1].rule.margin,
      "`hypotheses.1.rule`: give `kind: superiority`",
    ],
    ["repeated id", (v) => (v.hypotheses[1].id = "main"), '"main" is registered twice'],
    ["minimum of seeds", (v) => (v.seeds.minimum = 5), /`seeds`: unrecognized key: "minimum"/],
    ["tuning seed", (v) => v.seeds.test.laptop.push(0), "`seeds.test.laptop`: seed 0 is a tuning seed"],
    ["repeated seed", (v) => v.seeds.test.laptop.push(1), "`seeds.test.laptop`: seed 1 is listed twice"],
    ["one seed", (v) => (v.seeds.test.laptop = [1]), "`seeds.test.laptop`: a test needs two seeds"],
    ["other method", (v) => (v.interval.method = "students t"), "`interval.method`"],
    ["no correction", (v) => delete v.interval.correction, "`interval.correction`"],
  ])("%s", (_, change, message) => {
    const value = parse(yaml);
    change(value);
    expect(() => parseAny(stringify(value), "the file")).toThrow(/^the file is not as expected: /);
    expect(() => parseAny(stringify(value), "the file")).toThrow(message);
  });

  test("a smoke preset may have one seed, and a margin needs no smallest effect", () => {
    const value = parse(yaml);
    delete value.hypotheses[1]["smallest effect"];
    expect(() => parseAny(stringify(value), "the file")).not.toThrow();
  });
});

test("every file in data/predictions is read in one form or another", () => {
  const folder = path.join(repositoryRoot(), "data", "predictions");
  expect(isTestForm(parse(yaml))).toBe(true);
  expect([undefined, null, [], { interval: null }, { interval: { draws: 1000 } }].map(isTestForm)).toEqual(
    Array(5).fill(false),
  );
  expect(readdirSync(folder).length).toBeGreaterThan(15);
  expect(testRegistration([hypothesisYaml("one")]).hypotheses).toHaveLength(1);
});
