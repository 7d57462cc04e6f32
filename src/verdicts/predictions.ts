import { z } from "zod";
import { parseYaml, readData, validated } from "../files/data-files.ts";
import { contrastId } from "../results/labels.ts";

const text = z.string().trim().min(1);
const seed = z.int().nonnegative();
const contrast = z.strictObject({ treatment: text, control: text });
const metric = z.strictObject({
  id: text,
  name: text,
  /** `share` runs from 0 to 1 and is written in percentage points. */
  unit: z.enum(["share", "reward"]),
  definition: text,
  caution: text.optional(),
});

const schema = z
  .strictObject({
    id: text,
    registered: z.iso.date(),
    claim: text,
    reported: z.array(z.strictObject({ statement: text, source: text })).min(1),
    metric,
    secondary: z.array(metric).default([]),
    arms: z.array(text).min(2),
    contrasts: z.strictObject({ main: z.array(contrast).min(1), robustness: z.array(contrast).default([]) }),
    interval: z.strictObject({
      method: z.literal("paired hierarchical bootstrap"),
      outer: z.literal("seeds"),
      inner: z.literal("prompts"),
      draws: z.int().min(1000),
      level: z.number().gt(0).lt(1),
    }),
    seeds: z.strictObject({
      minimum: z.int().min(2),
      tuning: z.array(seed),
      test: z.record(text, z.array(seed).min(1)),
    }),
    rule: z.strictObject({
      kind: z.literal("superiority"),
      supported: text,
      refuted: text,
      "not shown": text,
      uninformative: text,
      robust: text,
    }),
  })
  .superRefine(({ arms, contrasts, seeds }, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    for (const kind of ["main", "robustness"] as const)
      for (const [at, one] of contrasts[kind].entries())
        for (const role of ["treatment", "control"] as const)
          if (!arms.includes(one[role]))
            problem(["contrasts", kind, at, role], `"${one[role]}" is not among \`arms\``);
    for (const [preset, list] of Object.entries(seeds.test)) {
      const tuned = list.find((one) => seeds.tuning.includes(one));
      if (tuned !== undefined)
        problem(["seeds", "test", preset], `seed ${tuned} is a tuning seed and may not be tested on`);
      const twice = list.find((one, at) => list.indexOf(one) !== at);
      if (twice !== undefined) problem(["seeds", "test", preset], `seed ${twice} is listed twice`);
    }
  });

/** A pre-registered claim with everything that decides it: see data/predictions. */
export type Prediction = z.output<typeof schema>;

/**
 * The prediction registered for a notebook, for example `readPrediction("01-main-comparison")`. Throws one
 * sentence naming the file, and each field that is missing, unknown or of the wrong kind.
 */
export function readPrediction(id: string): Prediction {
  const file = `data/predictions/${id}.yaml`;
  return parsePrediction(readData(file), file);
}

/** The same from YAML text; `file` is what errors call it. */
export function parsePrediction(yaml: string, file = "the prediction"): Prediction {
  return validated(schema, parseYaml(yaml, file), file);
}

/** The ids of a prediction's contrasts, by what they decide. */
export function contrastIds({ contrasts }: Prediction): { main: string[]; robustness: string[] } {
  const id = (one: { treatment: string; control: string }) => contrastId(one.treatment, one.control);
  return { main: contrasts.main.map(id), robustness: contrasts.robustness.map(id) };
}
