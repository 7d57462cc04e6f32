import path from "node:path";
import { z } from "zod";
import { mean } from "../evaluation/statistics.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readData, validated } from "../files/data-files.ts";
import { repositoryRoot } from "../files/repository.ts";
import type { ScorerSpec } from "../pipeline/scorers.ts";
import type { ArmResult, ScorerResult, SeedResult } from "../results/collect.ts";
import type { Label } from "../results/labels.ts";
import { armOf, scorerOf, valuesOf } from "../results/measures.ts";
import { type JudgedScorer, judged, type Plan } from "../results/plan.ts";
import type { Laboratory } from "./laboratory.ts";

/** Runs from which an experiment's settings are chosen, on seeds that are never tested. */
export interface Tuning {
  readonly seeds: readonly number[];
  readonly plan: (seed: number) => Plan;
}

/** A scorer judged by the annotator's labels of samples for validation prompts. */
export function judgedByLabels(lab: Laboratory, label: Label, scorer: ScorerSpec): JudgedScorer {
  const { validation } = lab.setting.sizes;
  return judged(
    label,
    lab.verification(scorer, { split: "validation", prompts: validation, completions: 4 }),
  );
}

const perSeed = z.array(z.number()).min(1);
const schema = z.strictObject({
  /** The command that made this table. */
  command: z.string(),
  seeds: z.array(z.int()).min(1),
  computed: z.strictObject({ device: z.string(), tensorflow: z.string(), code: z.string(), day: z.string() }),
  /** Policies by id, one value per seed. */
  arms: z.record(
    z.string(),
    z.strictObject({ winRate: perSeed, reward: perSeed, shareOfOptimum: perSeed.optional() }),
  ),
  /** Scorers by id, one value per seed. */
  scorers: z.record(
    z.string(),
    z.strictObject({
      accuracy: perSeed,
      probability: perSeed.optional(),
      labelAccuracy: perSeed.optional(),
      bestOf: perSeed,
    }),
  ),
});

/** What was measured of each candidate: means over prompts, one per seed. */
export type TuningTable = z.output<typeof schema>;

/** The results of a tuning as its table, rounded to four decimals. Throws if a candidate is missing on a seed. */
export function tuningTable(id: string, results: readonly SeedResult[]): TuningTable {
  const [first] = results;
  const computedBy = first?.provenance[0];
  if (first === undefined || computedBy === undefined)
    throw new Error(`The tuning "${id}" has no results: run at least one seed.`);
  const armValues = (label: Label, value: (one: ArmResult) => number) =>
    results.map((result) => rounded(value(armOf(result, label))));
  const scorerValues = (label: Label, value: (one: ScorerResult) => number) =>
    results.map((result) => rounded(value(scorerOf(result, label))));
  const means = (measure: string, label: Label) =>
    results.map((result) => rounded(mean(valuesOf(result, measure, label))));
  const { device, tensorflow, code, finished } = computedBy;
  return {
    command: `npm run tune -- ${id}`,
    seeds: results.map(({ seed }) => seed),
    computed: { device, tensorflow, code, day: finished.slice(0, 10) },
    arms: Object.fromEntries(
      first.arms.map(({ arm, optimum }) => [
        arm.id,
        {
          winRate: armValues(arm, ({ winRate }) => winRate),
          reward: means("greedy-reward", arm),
          ...(optimum !== undefined && { shareOfOptimum: means("share-of-optimum", arm) }),
        },
      ]),
    ),
    scorers: Object.fromEntries(
      first.scorers.map(({ scorer, probability, labelAccuracy }) => [
        scorer.id,
        {
          accuracy: means("accuracy", scorer),
          ...(probability !== undefined && { probability: means("probability", scorer) }),
          ...(labelAccuracy !== undefined && { labelAccuracy: means("label-accuracy", scorer) }),
          bestOf: scorerValues(scorer, ({ bestOf }) => mean(bestOf.at(-1)?.values ?? [])),
        },
      ]),
    ),
  };
}

/** Writes a tuning's table to `data/tuning/<id>.json`. */
export function writeTuning(id: string, table: TuningTable): void {
  writeFileAtomically(
    path.join(repositoryRoot(), fileOf(id)),
    Buffer.from(`${JSON.stringify(table, null, 1)}\n`),
  );
}

/** A tuning's table. Throws an error that names the file if it is missing or malformed. */
export function readTuning(id: string): TuningTable {
  const file = fileOf(id);
  return validated(schema, JSON.parse(readData(file)), file);
}

const rounded = (value: number) => Number(value.toFixed(4));
const fileOf = (id: string) => `data/tuning/${id}.json`;
