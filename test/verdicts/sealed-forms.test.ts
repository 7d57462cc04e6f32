import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { repositoryRoot } from "../../src/files/repository.ts";
import { arms, label, scorers, variant } from "../../src/results/labels.ts";
import { measureNamed } from "../../src/results/measures.ts";
import { estimateLabels } from "../../src/verdicts/estimates.ts";
import {
  parseAny,
  parseExactRegistration,
  parseRegistration,
  readExactRegistration,
  readRegistration,
} from "../../src/verdicts/read-registration.ts";
import { isTestForm } from "../../src/verdicts/test-form.ts";

const folder = path.join(repositoryRoot(), "data", "predictions");
const textOf = (id: string) => readFileSync(path.join(folder, `${id}.yaml`), "utf8");
/** The files in the earlier forms. */
const ids = readdirSync(folder)
  .map((name) => path.basename(name, ".yaml"))
  .filter((id) => !isTestForm(parse(textOf(id))));

// biome-ignore lint/suspicious/noExplicitAny: files that are wrong on purpose have no type
type Loose = any;
/** Parses a sealed file after a change to it. */
const changed = (id: string, change: (value: Loose) => void) => () => {
  const value = parse(textOf(id));
  change(value);
  return parseAny(stringify(value), "the file");
};

const example = `
id: 99-example
registered: 2026-11-21
claim: Better is better.
reported: [{ statement: Not reported., source: none }]
arms: { a: one, b: other }
hypotheses:
  - id: better
    statement: a is above b.
    refuted by: The contrary.
    rule: { kind: superiority }
    estimates: [{ metric: greedy-win-rate, treatment: a, control: b }]
interval: { method: paired hierarchical bootstrap, outer: seeds, inner: prompts, draws: 1000, level: 0.95 }
seeds: { minimum: 2, tuning: [0], test: { laptop: [1, 2] } }
`;

describe.each(ids)("the sealed file %s", (id) => {
  const registration = parseAny(textOf(id), id);

  test("has its own name, and a rule for every hypothesis", () => {
    expect(registration.id).toBe(id);
    expect(registration.registered).toBe("2026-11-21");
    expect(registration.hypotheses.length).toBeGreaterThan(0);
    for (const { rule } of registration.hypotheses) expect(rule.kind).toBeTruthy();
  });

  test("asks for measures that exist, of labels that it names", () => {
    if (!("claim" in registration)) return;
    const named = new Set(registration.arms.map(({ label }) => label.id));
    for (const { estimates, needs } of registration.hypotheses) {
      for (const { metric } of [...estimates, ...needs]) expect(measureNamed(metric).definition).toBeTruthy();
      for (const { id } of estimates.flatMap(estimateLabels)) expect(named).toContain(id);
    }
  });

  test("never tests a tuning seed", () => {
    if (!("claim" in registration)) return;
    const { tuning, test: presets } = registration.seeds;
    expect(
      Object.values(presets)
        .flat()
        .filter((seed) => tuning.includes(seed)),
    ).toEqual([]);
  });
});

describe("ids", () => {
  const firstEstimate = (id: string, hypothesis: string) =>
    readRegistration(id).hypotheses.find((one) => one.id === hypothesis)?.estimates[0];

  test("mean arms or scorers by what the measure is taken of", () => {
    expect(firstEstimate("01-replication", "online-above-offline")).toEqual({
      metric: "greedy-win-rate",
      treatment: arms.onlineSft,
      control: arms.dpo,
    });
    expect(firstEstimate("01-replication", "verification-gap")).toEqual({
      metric: "accuracy",
      treatment: scorers.global,
      control: scorers.dpo,
    });
  });

  test("become variants of known labels", () => {
    expect(firstEstimate("10-ablation-two-words", "H6b-contrast")).toEqual({
      metric: "greedy-win-rate",
      treatment: variant(arms.onlineDpo, "five clauses"),
      control: variant(arms.dpo2x, "five clauses"),
      less: { treatment: arms.onlineDpo, control: arms.dpo2x },
    });
  });

  test("of DPO after five epochs are one label, whatever they were called", () => {
    expect(firstEstimate("10-ablation-two-words", "H6b-verification")).toMatchObject({
      control: variant(scorers.dpo5x, "five clauses"),
      less: { control: scorers.dpo5x },
    });
    expect(firstEstimate("11-ablation-rouge-l", "H6c-verification")).toMatchObject({
      control: variant(scorers.dpo5x, "facts"),
    });
    expect(firstEstimate("13-horizon", "horizon-verification")).toMatchObject({
      slope: [1, 2, 3, 6, 9].map((at) => ({ at, control: variant(scorers.dpo5x, `H = ${at}`) })),
    });
  });

  test("of DPO after other numbers of epochs stay variants", () => {
    const labels = readRegistration("07-h5-generalisation").arms.map(({ label }) => label);
    expect(labels).toContainEqual(variant(scorers.dpo, "4 epochs"));
  });

  test("that are unknown keep their names", () => {
    const [hypothesis] = parseRegistration(example).hypotheses;
    expect(hypothesis?.estimates).toMatchObject([{ treatment: label("a", "a", "#707070") }]);
  });

  test("have the roles in which they can be meant", () => {
    const rolesIn = (id: string) =>
      Object.fromEntries(readRegistration(id).arms.map(({ label, roles }) => [label.name, roles]));
    expect(rolesIn("01-replication")).toMatchObject({
      SFT: ["arm"],
      DPO: ["arm", "scorer"],
      "DPO (5x)": ["arm"],
      "Global RM": ["scorer"],
    });
    expect(rolesIn("13-horizon")).toMatchObject({
      "DPO RM, H = 6": ["scorer", "arm"],
      "DPO (5x), H = 6": ["arm"],
      "DPO RM (5x), H = 6": ["scorer"],
    });
  });
});

test("earlier names of measures are replaced", () => {
  const metrics = (id: string) =>
    readRegistration(id).hypotheses.flatMap(({ estimates, needs }) =>
      [...estimates, ...needs].map(({ metric }) => metric),
    );
  expect(metrics("04-h2-regularisation")).toEqual(expect.arrayContaining(["kl", "malformed"]));
  expect(metrics("13-horizon")).toContain("well-formed-accuracy");
});

describe("the main comparison", () => {
  const registration = readRegistration("01-main-comparison");

  test("is a hypothesis of superiority and one that strengthens it", () => {
    const differencesOf = (control: typeof arms.dpo) =>
      [arms.onlineSft, arms.onlineDpo].map((treatment) => ({
        metric: "greedy-win-rate",
        treatment,
        control,
      }));
    expect(registration.hypotheses).toMatchObject([
      { id: "main", rule: { kind: "superiority" }, estimates: differencesOf(arms.dpo) },
      {
        id: "robust",
        rule: { kind: "superiority" },
        strengthens: "main",
        estimates: differencesOf(arms.dpoBest),
      },
    ]);
    expect(registration.interval).toMatchObject({ draws: 10_000, level: 0.95 });
    expect(registration.seeds.tuning).toEqual([0, 1, 20]);
    expect(registration.seeds.test.laptop).toHaveLength(5);
    expect(registration.seeds.test.gpu).toHaveLength(20);
  });

  test("has a secondary measure with a caution", () => {
    const [secondary, ...others] = registration.secondary;
    expect(others).toEqual([]);
    expect(secondary?.estimates.map(({ metric }) => metric)).toEqual(Array(4).fill("sampled-reward"));
    expect(secondary?.caution).toContain("entropy");
  });
});

describe("the theory's claims", () => {
  test("are rules with bounds, small ones too", () => {
    const { hypotheses, instances } = readExactRegistration("00-theory");
    expect(Object.keys(instances)).toEqual(["smoke", "laptop", "gpu"]);
    expect(hypotheses).toHaveLength(28);
    expect(hypotheses.find(({ id }) => id === "lemma-identity")?.rule).toEqual({
      kind: "bound",
      side: "at most",
      value: 1e-12,
    });
  });
});

describe("a wrong file is rejected with the name of the field", () => {
  test.each<[string, (value: Loose) => void, string | RegExp]>([
    ["tuning seed", (v) => v.seeds.test.laptop.push(0), "seed 0 is a tuning seed and may not be tested on"],
    ["repeated seed", (v) => v.seeds.test.laptop.push(46), "`seeds.test.laptop`: seed 46 is listed twice"],
    ["unknown arm", (v) => (v.hypotheses[0].estimates[0].control = "c"), '"c" is not among `arms`'],
    ["repeated id", (v) => v.hypotheses.push(v.hypotheses[0]), '"no-better" is registered twice'],
    ["no rule", (v) => delete v.hypotheses[0].rule, "`hypotheses.0.rule`"],
    ["unknown field", (v) => (v.extra = 1), "extra"],
  ])("hypotheses: %s", (_, change, message) => {
    expect(changed("10-replication", change)).toThrow(message);
  });

  test.each<[string, (value: Loose) => void, string | RegExp]>([
    ["no claim", (v) => delete v.claim, /`claim`: invalid input: expected string/],
    ["unknown field", (v) => (v.verdict = "supported"), /unrecognized key: "verdict"/],
    ["wrong type", (v) => (v.seeds.minimum = "five"), /`seeds\.minimum`: invalid input: expected number/],
    ["no date", (v) => (v.registered = "soon"), /`registered`/],
    ["other rule", (v) => (v.rule.kind = "equivalence"), /`rule\.kind`/],
    ["tuning seed", (v) => v.seeds.test.laptop.push(20), "`seeds.test.laptop`: seed 20 is a tuning seed"],
    ["unknown arm", (v) => (v.contrasts.main[0].control = "ppo"), '`contrasts.main.0.control`: "ppo" is not'],
  ])("main comparison: %s", (_, change, message) => {
    expect(changed("01-main-comparison", change)).toThrow(message);
  });

  test.each<[string, (value: Loose) => void, string | RegExp]>([
    ["no bound", (v) => (v.claims[0].bound = {}), "`claims.0.bound`: give either `at most` or `at least`"],
    ["two bounds", (v) => (v.claims[1].bound["at least"] = 0), "`claims.1.bound`: give either"],
    ["bound in words", (v) => (v.claims[0].bound["at most"] = "small"), "`claims.0.bound`"],
    ["nothing refutes it", (v) => delete v.claims[2]["refuted by"], "`claims.2.refuted by`"],
    ["repeated id", (v) => (v.claims[3].id = v.claims[0].id), '"lemma-identity" is registered twice'],
    ["other rule", (v) => (v.rule.kind = "superiority"), "`rule.kind`"],
    ["no instances", (v) => (v.instances.smoke = 0), "`instances.smoke`"],
    ["unknown field", (v) => (v.verdict = "holds"), 'unrecognized key: "verdict"'],
  ])("claims: %s", (_, change, message) => {
    expect(changed("00-theory", change)).toThrow(message);
  });

  test("any change of a file gives a registration or one sentence that names the file", () => {
    const part = fc.record({
      id: fc.constantFrom(...ids),
      at: fc.nat(12_000),
      removed: fc.nat(20),
      inserted: fc.oneof(
        fc.string({ unit: "binary", maxLength: 4 }),
        fc.constantFrom(
          ":",
          "- ",
          "\n",
          "{",
          "]",
          "*a",
          "&a ",
          "constructor",
          "__proto__: x\n",
          "1e999",
          ".nan",
          "!!set ",
          "#",
        ),
      ),
    });
    fc.assert(
      fc.property(part, ({ id, at, removed, inserted }) => {
        const whole = textOf(id);
        const from = at % whole.length;
        const yaml = whole.slice(0, from) + inserted + whole.slice(from + removed);
        try {
          expect(parseAny(yaml, "a.yaml").hypotheses.length).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(/^(a\.yaml |There is no measure )[^\n]*\.$/);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("text that is not YAML, a missing file, or the other kind of registration", () => {
    expect(() => parseAny("claims: [", "a.yaml")).toThrow(/^a\.yaml cannot be read as YAML: \S.*[^\n]$/);
    expect(() => readRegistration("99-none")).toThrow(/^data\/predictions\/99-none\.yaml could not be read/);
    expect(() => readRegistration("00-theory")).toThrow("read it with readExactRegistration");
    expect(() => parseExactRegistration(example)).toThrow("read it with readRegistration");
  });
});
