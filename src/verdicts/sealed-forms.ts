import { z } from "zod";
import { parseYaml, validated } from "../files/data-files.ts";
import { arms, type Difference, type Label, label, scorers, variant } from "../results/labels.ts";
import { measuredSubject } from "../results/measures.ts";
import type { Estimate } from "./estimates.ts";
import type { ExactRegistration, Need, Registration, Role } from "./registration.ts";

/*
 * Reads the files of data/predictions, whose bytes are sealed by SHA-256 and never change, in each of their three forms:
 * exact claims (00-theory), one main question with a check of robustness (01-main-comparison), and hypotheses (all
 * others). Nothing else parses their ids: "base@variant, variant" for arms and scorers, and earlier names of measures.
 */

/** Parses a sealed file. Throws an error that names the file and each field that is missing, unknown or wrong. */
export function parseSealed(yaml: string, file: string): Registration | ExactRegistration {
  const value = parseYaml(yaml, file);
  const has = (field: string) => typeof value === "object" && value !== null && field in value;
  if (has("claims")) return fromClaims(validated(claimsForm, value, file));
  if (has("contrasts")) return fromPrediction(validated(predictionForm, value, file));
  return fromHypotheses(validated(hypothesesForm, value, file));
}

const text = z.string().trim().min(1);
const seed = z.int().nonnegative();
const reported = z.array(z.strictObject({ statement: text, source: text })).min(1);
const interval = z.strictObject({
  method: z.literal("paired hierarchical bootstrap"),
  outer: z.literal("seeds"),
  inner: z.literal("prompts"),
  draws: z.int().min(1000),
  level: z.number().gt(0).lt(1),
});

/** The seeds of a registration. Rejects a test seed that is listed twice or was used for tuning. */
export const seedsSchema = z
  .strictObject({
    minimum: z.int().min(2),
    tuning: z.array(seed),
    test: z.record(text, z.array(seed).min(1)),
  })
  .superRefine(({ tuning, test }, context) => {
    for (const [preset, list] of Object.entries(test)) {
      const problem = (message: string) =>
        context.addIssue({ code: "custom", path: ["test", preset], message });
      const tuned = list.find((one) => tuning.includes(one));
      if (tuned !== undefined) problem(`seed ${tuned} is a tuning seed and may not be tested on`);
      const twice = repeated(list);
      if (twice !== undefined) problem(`seed ${twice} is listed twice`);
    }
  });

function repeated<T>(list: readonly T[]): T | undefined {
  return list.find((one, index) => list.indexOf(one) !== index);
}

/** Names that measures had when registrations were sealed. */
const EARLIER_MEASURES: ReadonlyMap<string, string> = new Map([
  ["divergence", "kl"],
  ["flawed", "malformed"],
  ["sound-accuracy", "well-formed-accuracy"],
]);
const measure = text.transform((id) => EARLIER_MEASURES.get(id) ?? id);

const NEUTRAL = "#707070";

/**
 * An id in today's form. As a scorer, DPO after five epochs with the usual settings was a variant of DPO; as an arm it was
 * always dpo-5x. Variants with other numbers of epochs, as in 07, have a learning rate of their own and stay variants.
 */
function currentId(sealedId: string): string {
  return sealedId.replace(/^dpo@(?:five|5) epochs$/, "dpo-5x").replace(/^dpo@(?:five|5) epochs, /, "dpo-5x@");
}

/** The parts of an id of the form base@variant. */
function partsOf(sealedId: string): { base: string; how: string | undefined } {
  const id = currentId(sealedId);
  const at = id.indexOf("@");
  return at < 0 ? { base: id, how: undefined } : { base: id.slice(0, at), how: id.slice(at + 1) };
}

function knownLabel(id: string, role: Role): Label | undefined {
  return Object.values(role === "arm" ? arms : scorers).find((one) => one.id === id);
}

/** The label of a sealed id in a role; an unknown one is named by its id. */
function labelOf(sealedId: string, role: Role): Label {
  const { base, how } = partsOf(sealedId);
  const own = knownLabel(base, role) ?? label(base, base, NEUTRAL);
  return how === undefined ? own : variant(own, how);
}

/** The roles that a sealed id can have, the first and the second preferred one if both fit or neither does. */
function rolesOf(sealedId: string, [first, second]: readonly [Role, Role]): [Role, ...Role[]] {
  const { base } = partsOf(sealedId);
  if (base === "dpo-5x") return [currentId(sealedId) === sealedId ? "arm" : "scorer"];
  const [isFirst, isSecond] = [first, second].map((role) => knownLabel(base, role) !== undefined);
  if (isFirst === isSecond) return [first, second];
  return isFirst ? [first] : [second];
}

const differenceFields = { treatment: text, control: text };
const difference = z.strictObject(differenceFields);

/** A difference whose ids mean arms or scorers, whichever the measure is taken of. */
function labelled({ treatment, control }: z.output<typeof difference>, metric: string): Difference {
  const role = measuredSubject(metric);
  return { treatment: labelOf(treatment, role), control: labelOf(control, role) };
}

/*
 * Hypotheses: the form of every file but two.
 */

/** A number measured on every seed: see `Estimate`. */
const estimateForm = z.union([
  z.strictObject({ metric: measure, ...differenceFields, less: difference.optional() }),
  z.strictObject({
    metric: measure,
    name: text,
    scale: z.enum(["linear", "log2"]),
    slope: z.array(z.strictObject({ at: z.number(), ...differenceFields })).min(2),
  }),
  z.strictObject({
    metric: measure,
    name: text,
    on: measure,
    points: z.array(z.strictObject({ ...differenceFields, on: difference })).min(3),
  }),
]);

function estimateFrom(form: z.output<typeof estimateForm>): Estimate {
  const { metric } = form;
  if ("slope" in form) {
    const { name, scale, slope } = form;
    return {
      metric,
      name,
      scale,
      slope: slope.map((point) => ({ at: point.at, ...labelled(point, metric) })),
    };
  }
  if ("points" in form) {
    const { name, on, points } = form;
    return {
      metric,
      name,
      on,
      points: points.map((point) => ({ ...labelled(point, metric), on: labelled(point.on, on) })),
    };
  }
  const own = { metric, ...labelled(form, metric) };
  return form.less === undefined ? own : { ...own, less: labelled(form.less, metric) };
}

const needForm = z.union([
  z.strictObject({ metric: measure, ...differenceFields, above: z.literal(0) }),
  z.strictObject({ metric: measure, arm: text, below: z.number() }),
  z.strictObject({ metric: measure, arm: text, above: z.number() }),
]);

function needFrom(form: z.output<typeof needForm>): Need {
  const { metric } = form;
  if ("treatment" in form) return { metric, ...labelled(form, metric) };
  const own = { metric, label: labelOf(form.arm, measuredSubject(metric)) };
  return "below" in form
    ? { ...own, side: "below", bound: form.below }
    : { ...own, side: "above", bound: form.above };
}

/** The ids that an estimate or a need names. */
function idsOf(form: z.output<typeof estimateForm> | z.output<typeof needForm>): string[] {
  if ("arm" in form) return [form.arm];
  const differences =
    "slope" in form
      ? form.slope
      : "points" in form
        ? form.points.flatMap((point) => [point, point.on])
        : [form, ...("less" in form && form.less ? [form.less] : [])];
  return differences.flatMap(({ treatment, control }) => [treatment, control]);
}

const hypothesesForm = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    claim: text,
    reported,
    /** Every arm and scorer that is run, and what it is. */
    arms: z.record(text, text),
    hypotheses: z
      .array(
        z.strictObject({
          id: text,
          statement: text,
          "refuted by": text,
          rule: z.union([
            z.strictObject({ kind: z.enum(["superiority", "ordering"]) }),
            z.strictObject({
              kind: z.enum(["equivalence", "non-inferiority"]),
              margin: z.number().positive(),
            }),
          ]),
          estimates: z.array(estimateForm).min(1),
          needs: z.array(needForm).default([]),
        }),
      )
      .min(1),
    interval,
    seeds: seedsSchema,
  })
  .superRefine(({ arms: known, hypotheses }, context) => {
    rejectRepeatedIds("hypotheses", hypotheses, context);
    for (const [index, { estimates, needs }] of hypotheses.entries())
      for (const id of [...estimates, ...needs].flatMap(idsOf))
        if (!Object.hasOwn(known, id))
          context.addIssue({
            code: "custom",
            path: ["hypotheses", index],
            message: `"${id}" is not among \`arms\``,
          });
  });

function fromHypotheses({ arms: named, hypotheses, ...rest }: z.output<typeof hypothesesForm>): Registration {
  const [first] = hypotheses.flatMap(({ estimates }) => estimates);
  const aboutScorers = first !== undefined && measuredSubject(first.metric) === "scorer";
  return {
    ...rest,
    arms: Object.entries(named).map(([id, description]) => {
      const roles = rolesOf(id, aboutScorers ? ["scorer", "arm"] : ["arm", "scorer"]);
      return { label: labelOf(id, roles[0]), roles, description };
    }),
    hypotheses: hypotheses.map(({ estimates, needs, "refuted by": refutedBy, ...own }) => ({
      ...own,
      refutedBy,
      estimates: estimates.map(estimateFrom),
      needs: needs.map(needFrom),
    })),
    secondary: [],
  };
}

/*
 * One main question and a check of its robustness: 01-main-comparison. Its rule is written in prose, which is here the
 * rule of superiority for the main differences and the same, as a strengthening, for those of robustness.
 */

const metricForm = z.strictObject({
  id: text,
  name: text,
  unit: z.enum(["share", "reward"]),
  definition: text,
  caution: text.optional(),
});

const predictionForm = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    claim: text,
    reported,
    metric: metricForm,
    secondary: z.array(metricForm).default([]),
    arms: z.array(text).min(2),
    contrasts: z.strictObject({
      main: z.array(difference).min(1),
      robustness: z.array(difference).min(1),
    }),
    interval,
    seeds: seedsSchema,
    rule: z.strictObject({
      kind: z.literal("superiority"),
      supported: text,
      refuted: text,
      "not shown": text,
      uninformative: text,
      robust: text,
    }),
  })
  .superRefine(({ arms: known, contrasts }, context) => {
    for (const kind of ["main", "robustness"] as const)
      for (const [index, one] of contrasts[kind].entries())
        for (const role of ["treatment", "control"] as const)
          if (!known.includes(one[role]))
            context.addIssue({
              code: "custom",
              path: ["contrasts", kind, index, role],
              message: `"${one[role]}" is not among \`arms\``,
            });
  });

function fromPrediction(form: z.output<typeof predictionForm>): Registration {
  const { id, registered, claim, interval, seeds, contrasts, metric, secondary, rule } = form;
  const estimatesIn = (measured: string, differences: readonly z.output<typeof difference>[]) =>
    differences.map((one) => ({ metric: measured, ...labelled(one, measured) }));
  return {
    id,
    registered,
    claim,
    reported: form.reported,
    arms: form.arms.map((id) => ({ label: labelOf(id, "arm"), roles: ["arm"] })),
    hypotheses: [
      {
        id: "main",
        statement: claim,
        rule: { kind: rule.kind },
        refutedBy: rule.refuted,
        estimates: estimatesIn(metric.id, contrasts.main),
        needs: [],
      },
      {
        id: "robust",
        statement: "The same against offline DPO at its best number of epochs.",
        rule: { kind: rule.kind },
        strengthens: "main",
        estimates: estimatesIn(metric.id, contrasts.robustness),
        needs: [],
      },
    ],
    secondary: secondary.map(({ id: measured, caution }) => ({
      estimates: estimatesIn(measured, [...contrasts.main, ...contrasts.robustness]),
      caution,
    })),
    interval,
    seeds,
  };
}

/*
 * Exact claims: 00-theory.
 */

const claimsForm = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    rule: z.strictObject({ kind: z.literal("exact"), holds: text, fails: text }),
    seed,
    instances: z.record(text, z.int().min(1)),
    claims: z
      .array(
        z.strictObject({
          id: text,
          statement: text,
          source: text,
          "refuted by": text,
          measure: text,
          bound: z.union(
            [z.strictObject({ "at most": z.number() }), z.strictObject({ "at least": z.number() })],
            { error: "give either `at most` or `at least`, a number" },
          ),
        }),
      )
      .min(1),
  })
  .superRefine(({ claims }, context) => rejectRepeatedIds("claims", claims, context));

function fromClaims({
  id,
  registered,
  claims,
  seed,
  instances,
}: z.output<typeof claimsForm>): ExactRegistration {
  return {
    id,
    registered,
    seed,
    instances,
    hypotheses: claims.map(({ bound, "refuted by": refutedBy, ...claim }) => ({
      ...claim,
      refutedBy,
      rule:
        "at most" in bound
          ? { kind: "bound", side: "at most", value: bound["at most"] }
          : { kind: "bound", side: "at least", value: bound["at least"] },
    })),
  };
}

function rejectRepeatedIds(
  field: string,
  entries: readonly { readonly id: string }[],
  context: z.core.$RefinementCtx,
): void {
  const ids = entries.map(({ id }) => id);
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) !== index)
      context.addIssue({
        code: "custom",
        path: [field, index, "id"],
        message: `"${id}" is registered twice`,
      });
}
