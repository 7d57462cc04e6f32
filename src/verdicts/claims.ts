import { z } from "zod";
import { checkNumbers } from "../evaluation/checks.ts";
import { parseYaml, readData, validated } from "../files/data-files.ts";

const text = z.string().trim().min(1);

const claim = z.strictObject({
  id: text,
  statement: text,
  source: text,
  "refuted by": text,
  /** What the number of one instance is, with its unit. */
  measure: text,
  bound: z
    .strictObject({ "at most": z.number().optional(), "at least": z.number().optional() })
    .refine((bound) => Object.values(bound).filter((value) => value !== undefined).length === 1, {
      message: "give either `at most` or `at least`",
    }),
});

const schema = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    rule: z.strictObject({ kind: z.literal("exact"), holds: text, fails: text }),
    seed: z.int().nonnegative(),
    instances: z.record(text, z.int().min(1)),
    claims: z.array(claim).min(1),
  })
  .superRefine(({ claims }, context) => {
    for (const [at, { id }] of claims.entries())
      if (claims.findIndex((other) => other.id === id) !== at)
        context.addIssue({
          code: "custom",
          path: ["claims", at, "id"],
          message: `"${id}" is registered twice`,
        });
  });

/** Exact claims, registered with everything that decides them: see data/predictions/00-theory.yaml. */
export type Claims = z.output<typeof schema>;
export type Claim = Claims["claims"][number];

/** What the rule says of one claim. */
export interface Judgement {
  readonly claim: Claim;
  readonly holds: boolean;
  /** The number nearest to the bound, or furthest beyond it. */
  readonly extreme: number;
  readonly instances: number;
  /** How many instances are beyond the bound. */
  readonly beyond: number;
}

/**
 * The exact claims registered for a notebook, for example `readClaims("00-theory")`. Throws one sentence naming
 * the file, and each field that is missing, unknown or of the wrong kind.
 */
export function readClaims(id: string): Claims {
  const file = `data/predictions/${id}.yaml`;
  return parseClaims(readData(file), file);
}

/** The same from YAML text; `file` is what errors call it. */
export function parseClaims(yaml: string, file = "the claims"): Claims {
  return validated(schema, parseYaml(yaml, file), file);
}

/**
 * Judges the claim `id` by the number of each instance: it holds where none is beyond the bound, which itself is
 * within. Throws where the claim is not registered, there is no instance, or a number is not finite.
 */
export function judge(registered: Claims, id: string, values: readonly number[]): Judgement {
  const claim = registered.claims.find((one) => one.id === id);
  if (!claim) {
    const ids = registered.claims.map((one) => one.id).join(", ");
    throw new Error(`${registered.id} registers no claim "${id}"; it has: ${ids}.`);
  }
  checkNumbers(`The instances of ${id}`, values);
  const { "at most": most, "at least": least } = claim.bound;
  const within = (value: number) => (most === undefined ? value >= least! : value <= most);
  const extreme = values.reduce((one, other) =>
    most === undefined ? Math.min(one, other) : Math.max(one, other),
  );
  const beyond = values.filter((value) => !within(value)).length;
  return { claim, holds: beyond === 0, extreme, instances: values.length, beyond };
}

/**
 * Judges each claim that is a key of `measures` by its numbers, in the order of registration. Throws as `judge` does.
 */
export function judgeAll(
  registered: Claims,
  measures: Readonly<Record<string, readonly number[]>>,
): Judgement[] {
  const order = registered.claims.map(({ id }) => id);
  return Object.keys(measures)
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((id) => judge(registered, id, measures[id]!));
}
