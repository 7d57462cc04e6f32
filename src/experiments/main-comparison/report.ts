import type { SeedResult } from "../../results/collect.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { LaboratoryConfig } from "../laboratory.ts";

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
