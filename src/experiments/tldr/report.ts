import { escapeMarkdown } from "../../report/markdown.ts";
import type { SeedResult } from "../../results/collect.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { TldrRows } from "../../tasks/tldr/files.ts";
import type { TldrPrompt } from "../../tasks/tldr/task.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import { openTldrTask } from "./plan.ts";
import { presetOf, type TldrPreset } from "./preset-file.ts";

/**
 * The first evaluation post of the first seed, as rows of a table: the prompt as the model reads it, the human summary and
 * the title. Throws if there is none.
 */
export function examplePostRows(
  { task: spec, sizes }: LaboratoryConfig,
  preset: TldrPreset | string,
): { what: string; text: string }[] {
  const task = openTask(spec);
  const [example] = presetOf(preset)
    .seeds.slice(0, 1)
    .flatMap((seed) => task.data(seed, sizes).evaluation);
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

/** The most skipped rows that are listed. */
const LISTED = 20;

/** How many rows of each kind there are, as Markdown, with the malformed ones that were skipped. */
export function rowCounts({ posts, preferences, prompts, skipped }: TldrRows): string {
  const counts = `${posts.length} posts with a human summary and ${preferences.length} preferences.`;
  const alone = prompts.length > 0 ? `${prompts.length} prompts have no summary and are not used.` : "";
  if (skipped.length === 0) return [counts, alone].join(" ").trim();
  const more = skipped.length > LISTED ? [`and ${skipped.length - LISTED} more`] : [];
  const list = [...skipped.slice(0, LISTED).map(escapeMarkdown), ...more].map((problem) => `- ${problem}`);
  return [`${counts} ${alone} **${skipped.length} malformed rows are skipped:**`, "", ...list].join("\n");
}

/** What the task leaves out of its rows, and whether its metric is blind to some, as Markdown; "" if there is nothing. */
export function rowNotes({ task }: LaboratoryConfig): string {
  if (!("files" in task)) return "";
  return openTldrTask(task)
    .notes.map((note) => `- **${note}**`)
    .join("\n");
}
