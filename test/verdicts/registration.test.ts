import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { designs, plansOf } from "../../src/experiments/programme.ts";
import { repositoryRoot } from "../../src/files/repository.ts";
import { measureNamed } from "../../src/results/measures.ts";
import { presets } from "../../src/results/presets.ts";
import { armsOf, parseRegistration, readRegistration } from "../../src/verdicts/registration.ts";

const folder = path.join(repositoryRoot(), "data", "predictions");
const names = readdirSync(folder).map((name) => path.basename(name, ".yaml"));
/** Those of the form that came after the theory's and the main comparison's. */
const registered = names.filter((name) => !["00-theory", "01-main-comparison"].includes(name));

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
const changed = (change: (value: Record<string, never>) => void): string => {
  const value = parse(example);
  change(value);
  return stringify(value);
};

describe("a registration", () => {
  it("is read as it is written, and refused where it is not whole", () => {
    expect(parseRegistration(example).hypotheses[0]!.needs).toEqual([]);
    // biome-ignore lint/suspicious/noExplicitAny: YAML that is wrong on purpose has no type.
    const refused: [(value: any) => void, string][] = [
      [(value) => value.seeds.test.laptop.push(0), "seed 0 is a tuning seed and may not be tested on"],
      [(value) => value.seeds.test.laptop.push(1), "seed 1 is listed twice"],
      [(value) => (value.hypotheses[0].estimates[0].control = "c"), '"c" is not among `arms`'],
      [(value) => value.hypotheses.push(value.hypotheses[0]), '"better" is registered twice'],
      [(value) => delete value.hypotheses[0].rule, "`hypotheses.0.rule`"],
      [(value) => (value.extra = 1), "extra"],
    ];
    for (const [change, message] of refused)
      expect(() => parseRegistration(changed(change))).toThrow(message);
  });
});

describe.each(registered)("the registration %s", (id) => {
  const registration = readRegistration(id);

  it("bears its own name and asks for measures that there are", () => {
    expect(registration.id).toBe(id);
    for (const { estimates, needs } of registration.hypotheses)
      for (const { metric } of [...estimates, ...needs]) expect(measureNamed(metric).definition).toBeTruthy();
  });

  it.each(presets)("is about arms and scorers that its design runs at the preset %s", (preset) => {
    expect(designs).toHaveProperty([id]);
    for (const plan of plansOf(id, preset).values()) {
      const { arms, bestArms, scorers, bestScorers, followingScorers } = plan;
      const parts = [arms, bestArms, scorers, bestScorers, followingScorers];
      const run = parts.flatMap((part) => Object.keys(part ?? {}));
      const asked = registration.hypotheses.flatMap(({ estimates, needs }) =>
        [...estimates, ...needs].flatMap(armsOf),
      );
      expect(run).toEqual(expect.arrayContaining([...new Set(asked)]));
      const named = Object.keys(registration.arms);
      expect(run).toEqual(expect.arrayContaining(named));
      // A variant of what is registered, such as the same verifier on other samples, need not be told apart.
      expect(run.filter((id) => !named.some((one) => id.startsWith(one)))).toEqual([]);
    }
  });

  it("never tests a seed on which a setting was chosen", () => {
    for (const list of Object.values(registration.seeds.test))
      for (const seed of list) expect(registration.seeds.tuning).not.toContain(seed);
  });
});

it("every design has a registration", () => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(designs)));
});
