import type { SeedResult } from "../../results/collect.ts";
import { arms, type Label } from "../../results/labels.ts";
import { armOf, averageOf } from "../../results/measures.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import { afterEpochs, bestEpoch } from "../tuned/epochs.ts";
import { offline, onlineFromDpo, onlineFromSft, reanchored } from "../tuned/policies.ts";

/**
 * The evaluation prompt for which arms write the most distinct completions, as text, and the completions of every arm and
 * the reference as rows of a table. Only prompts whose completions are recorded count. Throws if there are none.
 */
export function mostDisputed(
  { seed, arms }: SeedResult,
  { task: spec, sizes }: Pick<LaboratoryConfig, "task" | "sizes">,
): { prompt: string; rows: Record<string, string | number>[] } {
  const task = openTask(spec);
  const kept = Math.min(...arms.map(({ completions }) => completions.length));
  const prompts = task
    .data(seed, sizes)
    .evaluation.slice(0, kept)
    .map(({ prompt, completion }, index) => {
      const written = arms.map(({ arm, completions }) => ({
        name: arm.name,
        completion: completions[index]!,
      }));
      const distinct = new Set(written.map((one) => one.completion.join(" "))).size;
      return { prompt, distinct, written: [...written, { name: "reference", completion }] };
    });
  const [first] = prompts;
  if (first === undefined) throw new Error(`The results of seed ${seed} keep no completions to compare.`);
  const { prompt, written } = prompts.reduce(
    (most, one) => (one.distinct > most.distinct ? one : most),
    first,
  );
  return {
    prompt: task.text(prompt.tokens),
    rows: written.map(({ name, completion }) => ({
      arm: name,
      summary: task.text(completion),
      "gold reward": task.score(prompt, completion),
    })),
  };
}

/** The results with only the arms of the paper's table, each after as many epochs as there, and under the paper's names. */
export function paperArms(results: readonly SeedResult[]): SeedResult[] {
  const ours = [
    { paper: arms.sft, arm: arms.sft },
    { paper: arms.dpo, arm: afterEpochs(arms.dpo, 1) },
    { paper: arms.dpo2x, arm: afterEpochs(arms.dpo, 2) },
    { paper: arms.onlineSft, arm: afterEpochs(arms.onlineSft, 1) },
    { paper: arms.onlineDpo, arm: afterEpochs(arms.onlineDpo, 1) },
  ];
  return results.map((result) => ({
    ...result,
    arms: ours.map(({ paper, arm }) => ({ ...armOf(result, arm), arm: paper })),
  }));
}

/** Online less offline from the same start: after one epoch each, after two, and each at its best. */
export const equalEpochs: readonly (readonly [treatment: Label, control: Label])[] = [
  [onlineFromSft.label, offline.label] as const,
  [onlineFromDpo.label, reanchored.label] as const,
].flatMap(([online, control]) => [
  ...[1, 2].map((epochs) => [afterEpochs(online, epochs), afterEpochs(control, epochs)] as const),
  [bestEpoch(online), bestEpoch(control)] as const,
]);

/** Win rates of policies, and of the best of 25 SFT samples by a scorer, in percent, as rows of a table. */
export function roadRows(
  results: readonly SeedResult[],
  policies: readonly Label[],
  scorer: Label,
): Record<string, string | number>[] {
  const row = (road: string, share: number) => ({ road, "win rate, %": 100 * share });
  return [
    ...policies.map((policy) => row(policy.name, averageOf(results, "greedy-win-rate", policy))),
    row(`SFT, best of 25 by the ${scorer.name}`, averageOf(results, "best-of-25-win-rate", scorer)),
  ];
}
