import { categorical, type RandomStream, uniform } from "../../tensors/random.ts";
import { fewestClauses, type KeyEnvPrompt, keyEnvRewards, LONGEST_STEP } from "./gold.ts";
import { connectorToken, EOS, isImportant, SLOTS } from "./words.ts";

/** How somebody summarises a post. */
export interface WriterConfig {
  /** The most clauses of a summary. */
  readonly clauses: number;
  /** How strongly important facts are favoured: 0 is indifference. */
  readonly gamma: number;
  /** The chance of stopping after each clause from the second on. */
  readonly stop: number;
  /** Whether only the nearest important and the nearest trivial fact are considered for a clause. */
  readonly nearest?: boolean;
}

/**
 * One summary without a mistake, with `eos`: the writer stops with a fixed chance once there are two clauses,
 * and otherwise picks one of the next three slots with a chance proportional to exp(gamma × the fact's worth).
 */
export function summarise(prompt: KeyEnvPrompt, manner: WriterConfig, stream: RandomStream): number[] {
  const completion: number[] = [];
  let position = -1;
  for (let clauses = 0; clauses < manner.clauses && position < SLOTS - 1; clauses++) {
    if (clauses >= fewestClauses(manner.clauses) && uniform(stream) < manner.stop) break;
    const next = prompt.values.slice(position + 1, position + 1 + LONGEST_STEP).map(isImportant);
    const logits = next.map((important, ahead) =>
      manner.nearest && next.indexOf(important) < ahead
        ? -Infinity
        : manner.gamma * (important ? keyEnvRewards.important : keyEnvRewards.trivial),
    );
    position += 1 + categorical(stream, logits);
    completion.push(connectorToken(position), prompt.values[position]!);
  }
  return [...completion, EOS];
}
