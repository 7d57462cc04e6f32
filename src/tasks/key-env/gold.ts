import type { Prompt } from "../task.ts";
import { connectorSlot, connectorToken, EOS, isImportant, isValue, SLOTS } from "./words.ts";

/** A post of KeyEnv: `tokens` are its facts in their order of appearance, then `TL;DR:`. */
export interface KeyEnvPrompt extends Prompt {
  /** The value token of each slot in this post. */
  readonly values: readonly number[];
  /** The hidden reference, with `eos`, where the gold reward is ROUGE-L. A policy never sees it. */
  readonly reference?: readonly number[];
}

/** What each part of a diagnosis adds to the gold reward. */
export const keyEnvRewards = { important: 1, trivial: -0.5, error: -1 } as const;

/** The furthest slot that a clause may advance by; a summary starts as if at slot -1. */
export const LONGEST_STEP = 3;

/** What is right and wrong in one completion. */
export interface KeyEnvDiagnosis {
  /** Clauses: a connector followed by a value, right or wrong. */
  readonly clauses: number;
  /** Distinct facts of the post that the completion states, by their half. */
  readonly important: number;
  readonly trivial: number;
  /** Clauses whose value is not the post's. */
  readonly wrongValues: number;
  /** Clauses that advance by less than one slot or more than three. */
  readonly jumps: number;
  /** Connectors without a value, and other tokens where a connector or `eos` should stand. */
  readonly syntaxErrors: number;
  /** 1 where the completion has no `eos`, else 0. */
  readonly missingEos: number;
}

/** Counts what is right and wrong in a completion, up to its first `eos`. */
export function diagnose(prompt: KeyEnvPrompt, completion: readonly number[]): KeyEnvDiagnosis {
  const { values } = prompt;
  let [clauses, important, trivial, wrongValues, jumps, syntaxErrors] = [0, 0, 0, 0, 0, 0];
  let stated = 0;
  let position = -1;
  let at = 0;
  while (at < completion.length && completion[at] !== EOS) {
    const slot = connectorSlot(completion[at]!);
    const value = completion[at + 1];
    if (slot === -1 || value === undefined || !isValue(value)) {
      syntaxErrors++;
      at++;
      continue;
    }
    clauses++;
    const step = slot - position;
    if (step < 1 || step > LONGEST_STEP) jumps++;
    position = slot;
    if (value !== values[slot]) wrongValues++;
    else if ((stated & (1 << slot)) === 0) {
      stated |= 1 << slot;
      if (isImportant(value)) important++;
      else trivial++;
    }
    at += 2;
  }
  const missingEos = at < completion.length ? 0 : 1;
  return { clauses, important, trivial, wrongValues, jumps, syntaxErrors, missingEos };
}

/** The fewest clauses that a summary of at most `clauses` may have without a penalty. */
export function fewestClauses(clauses: number): number {
  return Math.min(2, clauses);
}

/**
 * The gold reward of a diagnosed completion: +1 for each important fact and -0.5 for each trivial one,
 * -1 for each wrong value, jump and syntax error, -1 without `eos`, and -1 with too few clauses.
 */
export function goldReward(found: KeyEnvDiagnosis, clauses: number): number {
  const tooFew = found.clauses < fewestClauses(clauses) ? 1 : 0;
  const errors = found.wrongValues + found.jumps + found.syntaxErrors + found.missingEos + tooFew;
  return (
    keyEnvRewards.important * found.important +
    keyEnvRewards.trivial * found.trivial +
    keyEnvRewards.error * errors
  );
}

/**
 * The best gold reward that any completion of up to `options.clauses` clauses reaches, and one that
 * reaches it. Dynamic programming over the slots in canonical order; a jump is paid for where it is
 * worth its penalty. No other order is better, as a step backwards costs as much as a jump forwards. With
 * `jumps: false`, the best that a completion without a mistake reaches.
 */
export function keyEnvOptimum(
  prompt: KeyEnvPrompt,
  options: { readonly clauses: number; readonly jumps?: boolean },
): { score: number; completion: number[] } {
  const fewest = fewestClauses(options.clauses);
  const farthest = options.jumps === false ? LONGEST_STEP : SLOTS;
  const worth = prompt.values.map((value) =>
    isImportant(value) ? keyEnvRewards.important : keyEnvRewards.trivial,
  );
  interface Path {
    readonly score: number;
    readonly slots: readonly number[];
  }
  const stopped = ({ score, slots }: Path): number =>
    score + (slots.length < fewest ? keyEnvRewards.error : 0);

  let best: Path = { score: 0, slots: [] };
  // ending[slot]: the best path of the present length whose last clause is that slot's.
  let ending = new Map<number, Path>([[-1, best]]);
  for (let length = 1; length <= Math.min(options.clauses, SLOTS); length++) {
    const extended = new Map<number, Path>();
    for (const [from, path] of ending) {
      for (let slot = from + 1; slot < SLOTS && slot - from <= farthest; slot++) {
        const jump = slot - from > LONGEST_STEP ? keyEnvRewards.error : 0;
        const score = path.score + worth[slot]! + jump;
        const known = extended.get(slot);
        if (known === undefined || score > known.score)
          extended.set(slot, { score, slots: [...path.slots, slot] });
      }
    }
    for (const path of extended.values()) if (stopped(path) > stopped(best)) best = path;
    ending = extended;
  }
  const completion = best.slots.flatMap((slot) => [connectorToken(slot), prompt.values[slot]!]);
  return { score: stopped(best), completion: [...completion, EOS] };
}
