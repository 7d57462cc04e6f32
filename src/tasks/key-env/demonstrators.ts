import { categorical, type RandomStream, uniform } from "../../tensors/random.ts";
import { keyEnvRewards, MAX_STEP, minClauses } from "./gold-reward.ts";
import { clause, type KeyEnvPrompt } from "./posts.ts";
import { EOS, isImportant, SLOTS } from "./vocabulary.ts";

/** How a writer summarises posts. */
export interface WriterConfig {
  /** Maximum number of clauses of a summary. */
  readonly clauses: number;
  /** How strongly important facts are preferred: 0 is indifference. */
  readonly gamma: number;
  /** Probability of stopping after each clause from the second on. */
  readonly stop: number;
  /** Whether only the nearest important and the nearest trivial fact are candidates for a clause. */
  readonly nearest?: boolean;
}

/**
 * Writes a summary without mistakes, with `eos`. From two clauses on the writer stops with probability `stop`.
 * Otherwise it picks one of the next three slots, with a probability proportional to exp(gamma × the fact's reward).
 */
export function summarise(prompt: KeyEnvPrompt, config: WriterConfig, stream: RandomStream): number[] {
  const completion: number[] = [];
  let position = -1;
  for (let clauses = 0; clauses < config.clauses && position < SLOTS - 1; clauses++) {
    if (clauses >= minClauses(config.clauses) && uniform(stream) < config.stop) break;
    const next = prompt.values.slice(position + 1, position + 1 + MAX_STEP).map(isImportant);
    const logits = next.map((important, index) =>
      config.nearest && next.indexOf(important) < index
        ? -Infinity
        : config.gamma * (important ? keyEnvRewards.important : keyEnvRewards.trivial),
    );
    position += 1 + categorical(stream, logits);
    completion.push(...clause(prompt.values, position));
  }
  return [...completion, EOS];
}
