import { z } from "zod";
import { parseYaml, readData, validated } from "../files/data-files.ts";
import type { Preset } from "../results/presets.ts";

/*
 * What a notebook is asked, written down before its test seeds are run: data/predictions. A registration holds one
 * claim with its hypotheses, each with the numbers that decide it and the rule by which they do.
 */

const text = z.string().trim().min(1);
/** Measures that had other ids when registrations were sealed. */
const EARLIER_MEASURES: Readonly<Record<string, string>> = {
  divergence: "kl",
  flawed: "malformed",
  "sound-accuracy": "well-formed-accuracy",
};
const measure = text.transform((id) => EARLIER_MEASURES[id] ?? id);
const seed = z.int().nonnegative();
const reported = z.array(z.strictObject({ statement: text, source: text })).min(1);
const interval = z.strictObject({
  method: z.literal("paired hierarchical bootstrap"),
  outer: z.literal("seeds"),
  inner: z.literal("prompts"),
  draws: z.int().min(1000),
  level: z.number().gt(0).lt(1),
});
const seeds = z.strictObject({
  minimum: z.int().min(2),
  tuning: z.array(seed),
  test: z.record(text, z.array(seed).min(1)),
});

const difference = { treatment: text, control: text };
/**
 * A number measured on every seed: the difference of two arms (or verifiers) in a metric; that less another
 * difference; the slope of differences over `at`; or the slope of differences on other differences, over several pairs
 * of them.
 */
const estimate = z.union([
  z.strictObject({ metric: measure, ...difference, less: z.strictObject(difference).optional() }),
  z.strictObject({
    metric: measure,
    name: text,
    scale: z.enum(["linear", "log2"]),
    slope: z.array(z.strictObject({ at: z.number(), ...difference })).min(2),
  }),
  z.strictObject({
    metric: measure,
    name: text,
    /** The measure of the other differences. */
    on: measure,
    points: z.array(z.strictObject({ ...difference, on: z.strictObject(difference) })).min(3),
  }),
]);
/** What must be so for a hypothesis to be tested at all: a difference above zero, or an arm's mean within a bound. */
const need = z.union([
  z.strictObject({ metric: measure, ...difference, above: z.literal(0) }),
  z.strictObject({ metric: measure, arm: text, below: z.number() }),
  z.strictObject({ metric: measure, arm: text, above: z.number() }),
]);
/**
 * Superiority: every interval above zero. Equivalence: every interval within ± `margin`. Non-inferiority: every
 * interval above minus `margin`.
 */
const rule = z.union([
  z.strictObject({ kind: z.literal("superiority") }),
  z.strictObject({ kind: z.enum(["equivalence", "non-inferiority"]), margin: z.number().positive() }),
]);

const hypothesis = z.strictObject({
  id: text,
  statement: text,
  "refuted by": text,
  rule,
  estimates: z.array(estimate).min(1),
  needs: z.array(need).default([]),
});

const schema = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    claim: text,
    reported,
    /** Every arm and verifier that is run, and what it is. */
    arms: z.record(text, text),
    hypotheses: z.array(hypothesis).min(1),
    interval,
    seeds,
  })
  .superRefine(({ arms, hypotheses, seeds }, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    for (const [at, { id, estimates, needs }] of hypotheses.entries()) {
      if (hypotheses.findIndex((other) => other.id === id) !== at)
        problem(["hypotheses", at, "id"], `"${id}" is registered twice`);
      for (const arm of [...estimates, ...needs].flatMap(armsOf))
        if (!(arm in arms)) problem(["hypotheses", at], `"${arm}" is not among \`arms\``);
    }
    for (const [preset, list] of Object.entries(seeds.test)) {
      const tuned = list.find((one) => seeds.tuning.includes(one));
      if (tuned !== undefined)
        problem(["seeds", "test", preset], `seed ${tuned} is a tuning seed and may not be tested on`);
      const twice = list.find((one, at) => list.indexOf(one) !== at);
      if (twice !== undefined) problem(["seeds", "test", preset], `seed ${twice} is listed twice`);
    }
  });

/** A pre-registered claim with everything that decides it. */
export type Registration = z.output<typeof schema>;
export type Hypothesis = Registration["hypotheses"][number];
export type Estimate = Hypothesis["estimates"][number];
export type Need = Hypothesis["needs"][number];
export type Rule = Hypothesis["rule"];

/** The arms and verifiers that an estimate or a need is about. */
export function armsOf(one: Estimate | Need): string[] {
  const parts =
    "slope" in one
      ? one.slope
      : "points" in one
        ? one.points.flatMap((point) => [point, point.on])
        : "less" in one && one.less
          ? [one, one.less]
          : [one];
  return parts.flatMap((part) => ("arm" in part ? [part.arm] : [part.treatment, part.control]));
}

/**
 * The registration of a notebook, for example `readRegistration("06-h4-data")`. Throws one sentence naming the file,
 * and each field that is missing, unknown or of the wrong kind.
 */
export function readRegistration(id: string): Registration {
  const file = fileOf(id);
  return parseRegistration(readData(file), file);
}

/** The same from YAML text; `file` is what errors call it. */
export function parseRegistration(yaml: string, file = "the registration"): Registration {
  return validated(schema, parseYaml(yaml, file), file);
}

/** The seeds on which a notebook is tested at a preset, by its registration. Throws where it registers none. */
export function testSeeds(id: string, preset: Preset): readonly number[] {
  const file = fileOf(id);
  const { seeds: registered } = validated(z.looseObject({ seeds }), parseYaml(readData(file), file), file);
  const found = registered.test[preset];
  if (found === undefined) throw new Error(`${file} registers no seeds for the preset ${preset}.`);
  return found;
}

const fileOf = (id: string) => `data/predictions/${id}.yaml`;
