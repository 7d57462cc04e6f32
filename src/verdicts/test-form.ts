import { z } from "zod";
import { validated } from "../files/data-files.ts";
import { isMeasure, measuredSubject } from "../results/measures.ts";
import {
  curvesForm,
  differenceFields,
  differenceForm,
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
import type { Registration, Role } from "./registration.ts";

/*
 * Reads registrations whose hypotheses are tested by Student's t over seeds, with one number for each hypothesis and
 * Holm's correction: the form of files in data/predictions since 2026-11-30. Earlier files: sealed-forms.ts.
 */

/** Whether the value of a YAML file has this form, right or wrong: its intervals are over seeds alone. */
export function isTestForm(value: unknown): boolean {
  const interval = fieldOf(value, "interval");
  return (
    fieldOf(interval, "method") === "student t" ||
    fieldOf(interval, "over") !== undefined ||
    fieldOf(interval, "correction") !== undefined
  );
}

function fieldOf(value: unknown, field: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[field];
}

const measure = text.refine(isMeasure, { error: "there is no measure of this name: see measures.ts" });
const [difference, slope, association] = estimateForms(measure);
const curves = curvesForm(measure);
const caution = { caution: text.optional() };

/** Says what is missing of an estimate that has none of the forms. */
const estimateError = {
  error:
    "give `metric` with `treatment` and `control`; or with `name`, `scale` and `slope`; or with `name`, `on` and " +
    "`points`; or with `name`, `at equal` and lists as `treatment` and `control`",
};
const estimateForm = z.union([difference, slope, association, curves], estimateError);
const secondaryForm = z.union(
  [difference.extend(caution), slope.extend(caution), association.extend(caution), curves.extend(caution)],
  estimateError,
);
const needForm = z.union(
  [
    z.strictObject({
      metric: measure,
      ...differenceFields,
      less: differenceForm.optional(),
      above: z.number(),
    }),
    ...levelNeedForms(measure),
  ],
  {
    error:
      "give `metric` with `treatment`, `control`, perhaps `less`, and `above`; or with `arm` and `above` or `below`",
  },
);

const hypothesisForm = z
  .strictObject({
    id: text,
    statement: text,
    "refuted by": text.optional(),
    primary: z.boolean().default(false),
    "if supported": z.enum(["for", "against"]).optional(),
    rule: z.union(
      [
        z.strictObject({ kind: z.literal("superiority") }),
        z.strictObject({
          kind: z.enum(["equivalence", "non-inferiority"]),
          margin: z.number().positive(),
        }),
      ],
      { error: "give `kind: superiority`, or `kind: equivalence` or `non-inferiority` with a `margin`" },
    ),
    estimate: estimateForm,
    "smallest effect": z.number().positive().optional(),
    needs: z.array(needForm).default([]),
  })
  .superRefine((hypothesis, context) => {
    const problem = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (hypothesis.primary && hypothesis["if supported"] === undefined)
      problem(
        "if supported",
        "say whether a supported primary hypothesis speaks `for` or `against` the claim",
      );
    if (hypothesis.rule.kind === "superiority" && hypothesis["smallest effect"] === undefined)
      problem("smallest effect", "superiority needs one, in the measure's unit, to state its power");
    const { estimate } = hypothesis;
    if ("at equal" in estimate && measuredSubject(estimate.metric) !== measuredSubject(estimate["at equal"]))
      problem("estimate", "`metric` and `at equal` must both be measures of arms or both of scorers");
  });

/** An arm that is trained for each of several numbers of epochs, each time as a run of its own. */
const epochsForm = z.strictObject({ is: text, "after epochs": z.array(z.int().positive()).min(1) });

/** Every arm and scorer that is run, and what it is; an arm with several numbers of epochs also at the best of them. */
function withEpochs(
  arms: Readonly<Record<string, string | z.output<typeof epochsForm>>>,
): Record<string, string> {
  const entries = Object.entries(arms).flatMap(([id, arm]) => {
    if (typeof arm === "string") return [[id, arm] as const];
    const at = (how: string) => id + (id.includes("@") ? ", " : "@") + how;
    const epochs = arm["after epochs"].map((count) => `${count} epoch${count === 1 ? "" : "s"}`);
    return [
      ...epochs.map((count) => [at(count), `${arm.is} After ${count}.`] as const),
      [
        at("best epoch"),
        `${arm.is} On each seed after the number of epochs that wins most often on validation prompts.`,
      ] as const,
    ];
  });
  return Object.fromEntries(entries);
}

const testForm = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    claim: text,
    reported: z.array(z.strictObject({ statement: text, source: text })),
    arms: z.record(text, z.union([text, epochsForm])).transform(withEpochs),
    hypotheses: z.array(hypothesisForm).min(1),
    secondary: z.array(secondaryForm).default([]),
    interval: z.strictObject({
      method: z.literal("student t"),
      over: z.literal("seeds"),
      level: z.number().gt(0.5).lt(1),
      correction: z.literal("holm"),
    }),
    seeds: z.strictObject(seedsFields).superRefine((seeds, context) => {
      seedsProblems(seeds, context);
      for (const [preset, { length }] of Object.entries(seeds.test))
        if (preset !== "smoke" && length < 2)
          context.addIssue({ code: "custom", path: ["test", preset], message: "a test needs two seeds" });
    }),
  })
  .superRefine(({ arms, hypotheses, secondary }, context) => {
    rejectRepeatedIds("hypotheses", hypotheses, context);
    for (const [index, { estimate, needs }] of hypotheses.entries())
      rejectUnknownIds([estimate, ...needs].flatMap(estimateIds), arms, ["hypotheses", index], context);
    for (const [index, one] of secondary.entries())
      rejectUnknownIds(estimateIds(one), arms, ["secondary", index], context);
  });

/** Reads a registration from its YAML's value. Throws an error that names the file and each field that is missing, unknown or wrong. */
export function fromTestForm(value: unknown, file: string): Registration {
  const { arms, hypotheses, secondary, ...rest } = validated(testForm, value, file);
  return {
    ...rest,
    arms: Object.entries(arms).map(([id, description]) => {
      const roles = rolesOf(id);
      return { label: labelFromId(id, roles[0]), roles, description };
    }),
    hypotheses: hypotheses.map((one) => ({
      id: one.id,
      statement: one.statement,
      refutedBy: one["refuted by"],
      primary: one.primary || undefined,
      ifSupported: one["if supported"],
      rule: one.rule,
      estimates: [estimateFrom(one.estimate, labelFromId)],
      smallestEffect: one["smallest effect"],
      needs: one.needs.map((need) => needFrom(need, labelFromId)),
    })),
    secondary: secondary.map(({ caution: mind, ...one }) => ({
      estimates: [estimateFrom(one, labelFromId)],
      caution: mind,
    })),
  };
}

/** The roles that an id can have: both if its base is known in both or in neither. */
function rolesOf(id: string): [Role, ...Role[]] {
  const { base } = partsOfId(id);
  const [isArm, isScorer] = [knownLabel(base, "arm"), knownLabel(base, "scorer")].map(Boolean);
  if (isArm === isScorer) return ["arm", "scorer"];
  return isArm ? ["arm"] : ["scorer"];
}
