import { z } from "zod";
import { validated } from "../files/data-files.ts";
import type { Label } from "../results/labels.ts";
import { measuredSubject } from "../results/measures.ts";
import {
  differenceFields,
  differenceForm,
  differenceFrom,
  estimateForms,
  estimateFrom,
  estimateIds,
  levelNeedForms,
  needFrom,
  rejectRepeatedIds,
  rejectUnknownIds,
  seedsFields,
  seedsProblems,
  text,
} from "./form-parts.ts";
import { knownLabel, labelFromId, partsOfId } from "./label-ids.ts";
import type { ExactRegistration, Registration, Role } from "./registration.ts";

/*
 * Reads the earlier files of data/predictions, whose bytes are sealed by SHA-256 and never change, in each of their three
 * forms: exact claims (00-theory), one main question with a check of robustness (01-main-comparison), and hypotheses (all
 * others). Nothing else knows earlier names of arms, scorers and measures. Later files: test-form.ts.
 */

/** Reads a sealed file from its YAML's value. Throws an error that names the file and each field that is missing, unknown or wrong. */
export function fromSealed(value: unknown, file: string): Registration | ExactRegistration {
  const has = (field: string) => typeof value === "object" && value !== null && field in value;
  if (has("claims")) return fromClaims(validated(claimsForm, value, file));
  if (has("contrasts")) return fromPrediction(validated(predictionForm, value, file));
  return fromHypotheses(validated(hypothesesForm, value, file));
}

const reported = z.array(z.strictObject({ statement: text, source: text })).min(1);
const interval = z.strictObject({
  method: z.literal("paired hierarchical bootstrap"),
  outer: z.literal("seeds"),
  inner: z.literal("prompts"),
  draws: z.int().min(1000),
  level: z.number().gt(0).lt(1),
});

const seed = z.int().nonnegative();
const seeds = z.strictObject({ minimum: z.int().min(2), ...seedsFields }).superRefine(seedsProblems);

/** Names that measures had when registrations were sealed. */
const EARLIER_MEASURES: ReadonlyMap<string, string> = new Map([
  ["divergence", "kl"],
  ["flawed", "malformed"],
  ["sound-accuracy", "well-formed-accuracy"],
]);
const measure = text.transform((id) => EARLIER_MEASURES.get(id) ?? id);

/**
 * An id in today's form. As a scorer, DPO after five epochs with the usual settings was a variant of DPO; as an arm it was
 * always dpo-5x. Variants with other numbers of epochs, as in 07, have a learning rate of their own and stay variants.
 */
function currentId(sealedId: string): string {
  return sealedId.replace(/^dpo@(?:five|5) epochs$/, "dpo-5x").replace(/^dpo@(?:five|5) epochs, /, "dpo-5x@");
}

/** The label of a sealed id in a role. */
const labelOf = (sealedId: string, role: Role): Label => labelFromId(currentId(sealedId), role);

/** The roles that a sealed id can have, the first and the second preferred one if both fit or neither does. */
function rolesOf(sealedId: string, [first, second]: readonly [Role, Role]): [Role, ...Role[]] {
  const { base } = partsOfId(currentId(sealedId));
  if (base === "dpo-5x") return [currentId(sealedId) === sealedId ? "arm" : "scorer"];
  const [isFirst, isSecond] = [first, second].map((role) => knownLabel(base, role) !== undefined);
  if (isFirst === isSecond) return [first, second];
  return isFirst ? [first] : [second];
}

/*
 * Hypotheses: the form of every file but two.
 */

/** A number measured on every seed: see `Estimate`. */
const estimateForm = z.union(estimateForms(measure));

const needForm = z.union([
  z.strictObject({ metric: measure, ...differenceFields, above: z.literal(0) }),
  ...levelNeedForms(measure),
]);

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
    seeds,
  })
  .superRefine(({ arms: known, hypotheses }, context) => {
    rejectRepeatedIds("hypotheses", hypotheses, context);
    for (const [index, { estimates, needs }] of hypotheses.entries())
      rejectUnknownIds([...estimates, ...needs].flatMap(estimateIds), known, ["hypotheses", index], context);
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
      estimates: estimates.map((one) => estimateFrom(one, labelOf)),
      needs: needs.map((one) => needFrom(one, labelOf)),
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
      main: z.array(differenceForm).min(1),
      robustness: z.array(differenceForm).min(1),
    }),
    interval,
    seeds,
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
  const estimatesIn = (measured: string, differences: readonly z.output<typeof differenceForm>[]) =>
    differences.map((one) => ({ metric: measured, ...differenceFrom(one, measured, labelOf) }));
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
