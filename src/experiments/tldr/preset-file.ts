import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { parseYaml, validated } from "../../files/data-files.ts";
import { isPlainObject, mergeObjects } from "../../files/plain-object.ts";
import { readUtf8 } from "../../files/read-utf8.ts";
import { repositoryRoot, userPath } from "../../files/repository.ts";
import { unknownName } from "../../text/nearest.ts";
import { preferenceLosses } from "../../training/losses.ts";
import { schedules } from "../../training/optimizer.ts";

/*
 * A preset of the comparison on real posts is a YAML file: one of data/presets, or a user's copy of one. A file may extend
 * another, whose fields it keeps where it has none of its own, and single fields can be overridden by their paths.
 */

const words = z.string().trim().min(1);
const count = z.int().positive();
const positive = z.number().positive();

const training = {
  epochs: positive,
  batchSize: count,
  microBatchSize: count.optional(),
  learningRate: positive,
  schedule: z.enum(schedules),
  warmupFraction: z.number().min(0).max(1),
  weightDecay: z.number().nonnegative().optional(),
  eps: positive.optional(),
  maxGradNorm: positive.optional(),
  savings: z
    .strictObject({
      recompute: z.boolean().optional(),
      vocabularyChunk: count.optional(),
      updateChunk: count.optional(),
    })
    .optional(),
};
const { epochs: _, ...onePass } = training;
const preference = {
  ...onePass,
  beta: positive,
  label_smoothing: z.number().min(0).max(0.5).optional(),
  loss: z.enum(Object.keys(preferenceLosses) as [keyof typeof preferenceLosses]).optional(),
  temperature: positive.optional(),
};

const published = z.union([
  z.strictObject({ hub: words, revision: words.optional() }),
  z.strictObject({ folder: words }),
]);

const form = z
  .strictObject({
    about: words,
    seeds: z.array(z.int().nonnegative()).min(1),
    start: published.optional(),
    rewardModel: published.optional(),
    model: z.strictObject({ hidden: count, layers: count, heads: count }).optional(),
    vocabSize: count.optional(),
    promptLength: count,
    completionLength: count,
    longPrompts: z.enum(["trim", "paper"]),
    sizes: z
      .strictObject({ demonstrations: count, pairs: count, validation: count, evaluation: count })
      .optional(),
    sft: z.strictObject({ ...training, lossOn: z.enum(["completion", "all"]) }),
    reward: z.strictObject(training),
    preference: z.strictObject(preference),
    online: z.strictObject({
      completions: z.int().min(2),
      temperature: z.number().nonnegative(),
      epochs: positive,
      missingEndScore: z.number().optional(),
      training: z.strictObject(preference).partial().optional(),
    }),
    samplingTemperature: z.number().nonnegative(),
    verification: z.strictObject({ prompts: count, completions: count }),
  })
  .superRefine(({ start, model, vocabSize }, context) => {
    if ((start === undefined) === (model === undefined || vocabSize === undefined))
      context.addIssue({
        code: "custom",
        path: ["start"],
        message:
          "give either a published model to start from, or `model` and `vocabSize` of one to train from scratch",
      });
  });

/** A preset of the comparison on real posts: what its file says. */
export type TldrPreset = z.output<typeof form>;

const FOLDER = "data/presets";
const ENDING = ".yaml";

/** The names of the presets in data/presets. */
export function tldrPresetNames(): string[] {
  return readdirSync(path.join(repositoryRoot(), FOLDER))
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

/**
 * The preset of this name, or in a user's file whose path ends in .yaml, with fields overridden by texts such as
 * "sft.epochs=2". Throws an error that names each field that is missing, unknown or mistyped.
 */
export function readTldrPreset(name: string, overrides: readonly string[] = []): TldrPreset {
  const { fields, file } = fieldsOf(name, []);
  for (const override of overrides) setField(fields, override);
  return validated(form, fields, overrides.length === 0 ? file : `${file} with ${overrides.join(", ")}`);
}

/**
 * The preset of a run of the notebook: that of ALLROADS_TLDR_PRESET, or else `preset`, with the overrides of
 * ALLROADS_TLDR_SET, which semicolons separate. Throws as `readTldrPreset` does.
 */
export function tldrSettings(preset: string): TldrPreset {
  const overrides = (process.env.ALLROADS_TLDR_SET ?? "").split(";").filter(Boolean);
  return readTldrPreset(process.env.ALLROADS_TLDR_PRESET || preset, overrides);
}

/** A preset that was read already, or the one of this name. */
export const presetOf = (preset: TldrPreset | string): TldrPreset =>
  typeof preset === "string" ? readTldrPreset(preset) : preset;

type Fields = Record<string, unknown>;

/** The fields of a preset and of those that it extends. `from` are the files that led here. */
function fieldsOf(name: string, from: readonly string[]): { fields: Fields; file: string } {
  const { file, text } = presetText(name, from.at(-1));
  if (from.includes(file)) throw new Error(`${from.join(" extends ")} extends ${file}: end the circle.`);
  const found = parseYaml(text, file);
  if (!isPlainObject(found))
    throw new Error(`${file} is not as expected: it must have fields, such as \`sft:\`.`);
  const { extends: base, ...own } = found;
  if (base === undefined) return { fields: own, file };
  if (typeof base !== "string")
    throw new Error(`${file} is not as expected: \`extends\`: expected a preset's name.`);
  const { fields } = fieldsOf(base, [...from, file]);
  // Another model is taken whole.
  for (const name of ["start", "rewardModel"]) if (name in own) delete fields[name];
  const merged = mergeObjects(fields, own);
  // A preset that starts from another model does not have both.
  if ("start" in own) for (const name of ["model", "vocabSize"]) delete merged[name];
  if ("model" in own) delete merged.start;
  return { fields: merged, file };
}

/** A preset's text and the file's name. A path is relative to the file that extends it. */
function presetText(name: string, from: string | undefined): { file: string; text: string } {
  if (/\.ya?ml$/.test(name)) {
    const file =
      from !== undefined && path.isAbsolute(from) ? path.resolve(path.dirname(from), name) : userPath(name);
    if (!existsSync(file)) throw new Error(`There is no preset file ${file}: copy one of ${FOLDER} there.`);
    return { file, text: readUtf8(file, LONGEST) };
  }
  const names = tldrPresetNames();
  if (!names.includes(name)) {
    const hint = `choose one of ${names.join(", ")}, or the path of a file that ends in ${ENDING}.`;
    throw new Error(unknownName("preset of real posts", name, names, hint));
  }
  const file = `${FOLDER}/${name}${ENDING}`;
  return { file, text: readUtf8(path.join(repositoryRoot(), file), LONGEST) };
}

const LONGEST = 100_000;

/** Sets the field of "path=value", whose value is YAML. */
function setField(fields: Fields, override: string): void {
  const [, place = "", text = ""] = /^([\w.]+)=([\s\S]*)$/.exec(override) ?? [];
  if (place === "") throw new Error(`"${override}" overrides no field: write it like sft.epochs=2.`);
  const names = place.split(".");
  const last = names.pop()!;
  let at = fields;
  for (const name of names) {
    const next = Object.hasOwn(at, name) && isPlainObject(at[name]) ? { ...at[name] } : {};
    at[name] = next;
    at = next;
  }
  at[last] = parseYaml(text, `the value of ${place}`);
}
