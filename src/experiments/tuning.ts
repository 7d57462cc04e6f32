import path from "node:path";
import { z } from "zod";
import { mean } from "../evaluation/statistics.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readData, validated } from "../files/data-files.ts";
import { repositoryRoot } from "../files/repository.ts";
import type { Plan, SeedResult } from "../results/collect.ts";

/** Runs that a notebook's settings are chosen from, on seeds that never test it. */
export interface Tuning {
  readonly seeds: readonly number[];
  plan(seed: number): Plan;
}

const perSeed = z.array(z.number()).min(1);
const schema = z.strictObject({
  /** The command that made this table. */
  command: z.string(),
  seeds: z.array(z.int()).min(1),
  computed: z.strictObject({ device: z.string(), tensorflow: z.string(), code: z.string(), day: z.string() }),
  /** Policies by id; a value per seed. */
  arms: z.record(
    z.string(),
    z.strictObject({ winRate: perSeed, reward: perSeed, shareOfOptimum: perSeed.optional() }),
  ),
  /** Verifiers by id; a value per seed. */
  scorers: z.record(
    z.string(),
    z.strictObject({ accuracy: perSeed, probability: perSeed.optional(), bestOf: perSeed }),
  ),
});

/** What was measured of each candidate: means over prompts, one for each seed. */
export type TuningTable = z.output<typeof schema>;

/** The results of a notebook's tuning runs as the table that is kept of them, rounded to four decimals. */
export function tuningTable(id: string, results: readonly SeedResult[]): TuningTable {
  const { device, tensorflow, code, finished } = results[0]!.provenance[0]!;
  const [{ arms, scorers }] = results as [SeedResult];
  const armValues = (arm: string, value: (one: SeedResult["arms"][number]) => number) =>
    results.map((result) => rounded(value(result.arms.find((one) => one.arm === arm)!)));
  const scorerValues = (scorer: string, value: (one: SeedResult["scorers"][number]) => number) =>
    results.map((result) => rounded(value(result.scorers.find((one) => one.scorer === scorer)!)));
  return {
    command: `npm run tune -- ${id}`,
    seeds: results.map(({ seed }) => seed),
    computed: { device, tensorflow, code, day: finished.slice(0, 10) },
    arms: Object.fromEntries(
      arms.map(({ arm, optimum }) => [
        arm,
        {
          winRate: armValues(arm, ({ winRate }) => winRate),
          reward: armValues(arm, ({ greedyRewards }) => mean(greedyRewards)),
          ...(optimum !== undefined && {
            shareOfOptimum: armValues(arm, (one) => mean(one.greedyRewards) / one.optimum!),
          }),
        },
      ]),
    ),
    scorers: Object.fromEntries(
      scorers.map(({ scorer, probability }) => [
        scorer,
        {
          accuracy: scorerValues(scorer, ({ accuracy }) => mean(accuracy)),
          ...(probability !== undefined && {
            probability: scorerValues(scorer, (one) => mean(one.probability!)),
          }),
          bestOf: scorerValues(scorer, ({ bestOf }) => mean(bestOf.at(-1)!.values)),
        },
      ]),
    ),
  };
}

/** Writes the table of a notebook's tuning to `data/tuning/<id>.json`. */
export function writeTuning(id: string, table: TuningTable): void {
  writeFileAtomically(
    path.join(repositoryRoot(), fileOf(id)),
    Buffer.from(`${JSON.stringify(table, null, 1)}\n`),
  );
}

/** The table of a notebook's tuning. Throws one sentence naming the file where it is missing or not such a table. */
export function readTuning(id: string): TuningTable {
  const file = fileOf(id);
  return validated(schema, JSON.parse(readData(file)), file);
}

/** The id among `ids` whose values of a verifier's measure are highest on average over the seeds; the first of equals. */
export function bestScorer(
  { scorers }: TuningTable,
  ids: readonly string[],
  measure: "accuracy" | "probability",
): string {
  const value = (id: string) => mean(scorers[id]?.[measure] ?? [Number.NEGATIVE_INFINITY]);
  return ids.reduce((best, id) => (value(id) > value(best) ? id : best));
}

const rounded = (value: number) => Number(value.toFixed(4));
const fileOf = (id: string) => `data/tuning/${id}.json`;
