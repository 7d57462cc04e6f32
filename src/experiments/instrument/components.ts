import { mean } from "../../evaluation/statistics.ts";
import type { SeedResult } from "../../results/collect.ts";
import type { Label } from "../../results/labels.ts";
import { valuesOf } from "../../results/measures.ts";

/** The components of differences in win rate between an arm and the best of several candidates, as shares. */
export interface Components {
  /** The mean difference to each candidate. */
  readonly gaps: readonly number[];
  /** Standard deviation over seeds of what the differences to all candidates have in common. */
  readonly seedSd: number;
  /** Standard deviation over seeds of a candidate's own part. */
  readonly candidateSd: number;
  /** Standard deviations over the prompts of a seed: of the common part, and of a candidate's own. */
  readonly promptSd: number;
  readonly candidatePromptSd: number;
  /** Prompts of a seed, on which candidates are judged; as many others are for validation. */
  readonly prompts: number;
}

/**
 * The components of the greedy win rate of `treatment` less that of each candidate, from results of several seeds: an
 * analysis of variance of seeds by candidates, from whose mean squares the variance over prompts is taken off. A
 * component below zero is zero.
 */
export function componentsOf(
  results: readonly SeedResult[],
  treatment: Label,
  candidates: readonly Label[],
): Components {
  if (results.length < 2 || candidates.length < 2)
    throw new Error(
      `Components need two seeds and two candidates, not ${results.length} and ${candidates.length}.`,
    );
  const rates = (result: SeedResult, label: Label) => valuesOf(result, "greedy-win-rate", label);
  const differences = results.map((result) => {
    const own = rates(result, treatment);
    return candidates.map((label) => rates(result, label).map((rate, prompt) => own[prompt]! - rate));
  });
  const prompts = differences[0]?.[0]?.length ?? 0;
  const { variance, covariance } = withinSeeds(differences);
  const own = variance - covariance;
  const table = differences.map((rows) => rows.map(mean));
  const { seeds, residual } = meanSquares(table);
  const root = (value: number) => Math.sqrt(Math.max(0, value));
  return {
    gaps: candidates.map((_, index) => mean(table.map((row) => row[index]!))),
    seedSd: root((seeds - residual) / candidates.length - covariance / prompts),
    candidateSd: root(residual - own / prompts),
    promptSd: root(covariance),
    candidatePromptSd: root(own),
    prompts,
  };
}

/** The variance over prompts of a difference, and the covariance of two, averaged over seeds and candidates. */
function withinSeeds(differences: readonly (readonly (readonly number[])[])[]): {
  variance: number;
  covariance: number;
} {
  const own: number[] = [];
  const shared: number[] = [];
  for (const rows of differences)
    for (const [one, a] of rows.entries())
      for (const [other, b] of rows.entries()) (one === other ? own : shared).push(covarianceOf(a, b));
  return { variance: mean(own), covariance: mean(shared) };
}

function covarianceOf(a: readonly number[], b: readonly number[]): number {
  const [centreA, centreB] = [mean(a), mean(b)];
  const products = a.map((value, index) => (value - centreA) * (b[index]! - centreB));
  return products.reduce((sum, value) => sum + value, 0) / (a.length - 1);
}

/** Mean squares of an analysis of variance of rows by columns with one value in each cell. */
function meanSquares(table: readonly (readonly number[])[]): { seeds: number; residual: number } {
  const rows = table.map(mean);
  const grand = mean(rows);
  const columns = (table[0] ?? []).map((_, index) => mean(table.map((row) => row[index]!)));
  const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);
  const residuals = table.flatMap((row, at) =>
    row.map((value, index) => value - rows[at]! - columns[index]! + grand),
  );
  const degrees = rows.length - 1;
  return {
    seeds: (columns.length * squares(rows.map((value) => value - grand))) / degrees,
    residual: squares(residuals) / (degrees * (columns.length - 1)),
  };
}
