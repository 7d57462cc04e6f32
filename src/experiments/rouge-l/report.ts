import { type KeyEnvPrompt, referenceOf } from "../../tasks/key-env/task.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { LaboratoryConfig } from "../laboratory.ts";

/**
 * The first `count` evaluation posts of a seed with their hidden references and the references of win rates, as rows of
 * a table.
 */
export function hiddenReferenceRows(
  { task: spec, sizes }: Pick<LaboratoryConfig, "task" | "sizes">,
  seed: number,
  count: number,
): Record<string, string | number>[] {
  const task = openTask(spec);
  const { evaluation } = task.data(seed, sizes);
  return evaluation.slice(0, count).map(({ prompt, completion }) => ({
    post: task.text(prompt.tokens),
    "hidden reference": task.text(referenceOf(prompt as KeyEnvPrompt)),
    "reference of win rates": task.text(completion),
    "its ROUGE-L": task.score(prompt, completion),
  }));
}
