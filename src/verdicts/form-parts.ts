import { z } from "zod";
import type { Difference, Label } from "../results/labels.ts";
import { measuredSubject } from "../results/measures.ts";
import type { Estimate } from "./estimates.ts";
import type { Need, Role } from "./registration.ts";

/* What the forms of registration files have in common: seeds, estimates and needs, and the checks of their ids. */

/** A text that is not empty. */
export const text = z.string().trim().min(1);

/** The seeds of a registration. */
export const seedsFields = {
  tuning: z.array(z.int().nonnegative()),
  test: z.record(text, z.array(z.int().nonnegative()).min(1)),
};

type Context = z.core.$RefinementCtx;

/** Rejects a test seed that is listed twice or was used for tuning. */
export function seedsProblems(
  { tuning, test }: { tuning: readonly number[]; test: Readonly<Record<string, readonly number[]>> },
  context: Context,
): void {
  for (const [preset, list] of Object.entries(test)) {
    const problem = (message: string) =>
      context.addIssue({ code: "custom", path: ["test", preset], message });
    const tuned = list.find((one) => tuning.includes(one));
    if (tuned !== undefined) problem(`seed ${tuned} is a tuning seed and may not be tested on`);
    const twice = list.find((one, index) => list.indexOf(one) !== index);
    if (twice !== undefined) problem(`seed ${twice} is listed twice`);
  }
}

/** The two sides of a difference, as ids. */
export const differenceFields = { treatment: text, control: text };
/** A difference in a measure that stands elsewhere. */
export const differenceForm = z.strictObject(differenceFields);

type DifferenceForm = z.output<typeof differenceForm>;
type Labeller = (id: string, role: Role) => Label;

/** The forms of a number that is measured on every seed, apart from curves: see `Estimate`. */
export function estimateForms<M extends z.ZodType<string>>(measure: M) {
  return [
    z.strictObject({ metric: measure, ...differenceFields, less: differenceForm.optional() }),
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
      points: z.array(z.strictObject({ ...differenceFields, on: differenceForm })).min(3),
    }),
  ] as const;
}

/** The form of a difference of two curves: see `CurvesEstimate`. */
export function curvesForm<M extends z.ZodType<string>>(measure: M) {
  return z.strictObject({
    metric: measure,
    name: text,
    "at equal": measure,
    treatment: z.array(text).min(2),
    control: z.array(text).min(2),
  });
}

/** The forms of a bound that the mean of an arm or scorer must keep. */
export function levelNeedForms<M extends z.ZodType<string>>(measure: M) {
  return [
    z.strictObject({ metric: measure, arm: text, below: z.number() }),
    z.strictObject({ metric: measure, arm: text, above: z.number() }),
  ] as const;
}

/** What an estimate is written as. */
export type EstimateForm =
  | z.output<ReturnType<typeof estimateForms>[number]>
  | z.output<ReturnType<typeof curvesForm>>;

/** What a need is written as. */
export type NeedForm =
  | (DifferenceForm & { readonly metric: string; readonly less?: DifferenceForm; readonly above: number })
  | z.output<ReturnType<typeof levelNeedForms>[number]>;

/** A difference whose ids mean arms or scorers, whichever the measure is taken of. */
export function differenceFrom(form: DifferenceForm, metric: string, labelOf: Labeller): Difference {
  const role = measuredSubject(metric);
  return { treatment: labelOf(form.treatment, role), control: labelOf(form.control, role) };
}

/** An estimate with labels in the place of ids. */
export function estimateFrom(form: EstimateForm, labelOf: Labeller): Estimate {
  const { metric } = form;
  const labelled = (one: DifferenceForm, measure = metric) => differenceFrom(one, measure, labelOf);
  if ("at equal" in form) {
    const labels = (ids: readonly string[]) => ids.map((id) => labelOf(id, measuredSubject(metric)));
    const { name, "at equal": atEqual, treatment, control } = form;
    return { metric, name, atEqual, treatment: labels(treatment), control: labels(control) };
  }
  if ("slope" in form) {
    const { name, scale, slope } = form;
    return { metric, name, scale, slope: slope.map((point) => ({ at: point.at, ...labelled(point) })) };
  }
  if ("points" in form) {
    const { name, on, points } = form;
    return {
      metric,
      name,
      on,
      points: points.map((point) => ({ ...labelled(point), on: labelled(point.on, on) })),
    };
  }
  const own = { metric, ...labelled(form) };
  return form.less === undefined ? own : { ...own, less: labelled(form.less) };
}

/** A need with labels in the place of ids. */
export function needFrom(form: NeedForm, labelOf: Labeller): Need {
  const { metric } = form;
  if ("treatment" in form) {
    const { above, less } = form;
    return {
      metric,
      ...differenceFrom(form, metric, labelOf),
      ...(less && { less: differenceFrom(less, metric, labelOf) }),
      ...(above !== 0 && { above }),
    };
  }
  const own = { metric, label: labelOf(form.arm, measuredSubject(metric)) };
  return "below" in form
    ? { ...own, side: "below", bound: form.below }
    : { ...own, side: "above", bound: form.above };
}

/** The ids that an estimate or a need names. */
export function estimateIds(form: EstimateForm | NeedForm): string[] {
  if ("arm" in form) return [form.arm];
  if ("at equal" in form) return [...form.treatment, ...form.control];
  const differences: readonly DifferenceForm[] =
    "slope" in form
      ? form.slope
      : "points" in form
        ? form.points.flatMap((point) => [point, point.on])
        : [form, ...("less" in form && form.less ? [form.less] : [])];
  return differences.flatMap(({ treatment, control }) => [treatment, control]);
}

/** Rejects ids that are not among the registered arms. */
export function rejectUnknownIds(
  ids: readonly string[],
  known: Readonly<Record<string, unknown>>,
  path: (string | number)[],
  context: Context,
): void {
  for (const id of ids)
    if (!Object.hasOwn(known, id))
      context.addIssue({ code: "custom", path, message: `"${id}" is not among \`arms\`` });
}

/** Rejects an id that an earlier entry of the list has. */
export function rejectRepeatedIds(
  field: string,
  entries: readonly { readonly id: string }[],
  context: Context,
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
