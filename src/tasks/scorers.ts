import { rougeL } from "../text/rouge.ts";
import type { Prompt, Scorer, Task } from "./task.ts";

/** The task's own gold reward as a scorer. */
export function goldScorer<P extends Prompt>(task: Task<P>): Scorer<P> {
  return (samples) => samples.map(({ prompt, completion }) => task.score(prompt, completion));
}

/** ROUGE-L (F1) of each completion's text against the text that `referenceOf` gives for its prompt. */
export function rougeScorer<P extends Prompt>(
  task: Task<P>,
  referenceOf: (prompt: P) => string,
  options: { readonly stem?: boolean } = {},
): Scorer<P> {
  return (samples) =>
    samples.map(({ prompt, completion }) => rougeL(referenceOf(prompt), task.text(completion), options).f1);
}
