import type { SeedResult } from "../../results/collect.ts";
import type { Preset } from "../../results/presets.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { TldrPrompt } from "../../tasks/tldr/task.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import { tldrSeeds } from "./plan.ts";

/**
 * The first evaluation post of the first seed, as rows of a table: the prompt as the model reads it, the human summary and
 * the title. Throws if there is none.
 */
export function examplePostRows(
  { task: spec, sizes }: LaboratoryConfig,
  preset: Preset,
): { what: string; text: string }[] {
  const task = openTask(spec);
  const [example] = tldrSeeds[preset].slice(0, 1).flatMap((seed) => task.data(seed, sizes).evaluation);
  if (example === undefined) throw new Error("There is no post for evaluation: give more rows.");
  const { reference } = example.prompt as TldrPrompt;
  return [
    { what: "prompt", text: task.text(example.prompt.tokens) },
    { what: "human summary", text: reference.trim() },
    { what: "title, the summary to beat", text: task.text(example.completion).trim() },
  ];
}

/** Every arm's greedy completion for the first seed's first prompt, with its gold reward, as rows of a table. */
export function exampleSummaryRows(
  { task: spec }: LaboratoryConfig,
  results: readonly SeedResult[],
): { arm: string; summary: string; "ROUGE-L": number }[] {
  const task = openTask(spec);
  const armResults = results.slice(0, 1).flatMap(({ arms }) => arms);
  return armResults.flatMap(({ arm, completions: [completion], greedyRewards: [reward] }) =>
    completion === undefined || reward === undefined
      ? []
      : [{ arm: arm.name, summary: task.text(completion).trim(), "ROUGE-L": reward }],
  );
}
