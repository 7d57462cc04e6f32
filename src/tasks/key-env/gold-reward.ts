import type { KeyEnvPrompt } from "./posts.ts";
import { connectorSlot, EOS, isImportant, isValue, SLOTS } from "./vocabulary.ts";

/** The gold reward of each important fact, trivial fact and mistake. */
export const keyEnvRewards = { important: 1, trivial: -0.5, error: -1 } as const;

/** How many slots a clause may advance by without a penalty. The first clause starts from slot -1. */
export const MAX_STEP = 3;

/** What is right and wrong in one completion. */
export interface KeyEnvDiagnosis {
  /** Number of clauses: connectors followed by a value, right or wrong. */
  readonly clauses: number;
  /** Number of different important facts of the post that the completion states. */
  readonly important: number;
  /** Number of different trivial facts of the post that the completion states. */
  readonly trivial: number;
  /** Number of clauses whose value is not the post's. */
  readonly wrongValues: number;
  /** Number of clauses that advance by less than one slot or more than three. */
  readonly jumps: number;
  /** Number of connectors without a value, and of other tokens in the place of a connector or `eos`. */
  readonly syntaxErrors: number;
  /** 1 if the completion has no `eos`, else 0. */
  readonly missingEos: number;
}

/** Counts what is right and wrong in a completion, up to its first `eos`. */
export function diagnose({ values }: KeyEnvPrompt, completion: readonly number[]): KeyEnvDiagnosis {
  let [clauses, important, trivial, wrongValues, jumps, syntaxErrors] = [0, 0, 0, 0, 0, 0];
  let stated = 0; // bit set of slots
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
    if (step < 1 || step > MAX_STEP) jumps++;
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

/** The minimum number of clauses without a penalty, in a summary of at most `maxClauses`. */
export function minClauses(maxClauses: number): number {
  return Math.min(2, maxClauses);
}

/**
 * The gold reward of a diagnosed completion: +1 for each important fact, -0.5 for each trivial fact, and -1 for each
 * wrong value, jump and syntax error, for a missing `eos` and for too few clauses.
 */
export function goldReward(found: KeyEnvDiagnosis, maxClauses: number): number {
  const tooFew = found.clauses < minClauses(maxClauses) ? 1 : 0;
  const errors = found.wrongValues + found.jumps + found.syntaxErrors + found.missingEos + tooFew;
  return (
    keyEnvRewards.important * found.important +
    keyEnvRewards.trivial * found.trivial +
    keyEnvRewards.error * errors
  );
}

/**
 * The highest gold reward of any completion of at most `maxClauses` clauses, by dynamic programming over the slots in
 * canonical order. A jump forwards is taken if it is worth its penalty. Other orders are not better, as a step backwards
 * costs as much as a jump forwards.
 */
export function keyEnvOptimum({ values }: KeyEnvPrompt, maxClauses: number): number {
  const rewards = values.map((value) =>
    isImportant(value) ? keyEnvRewards.important : keyEnvRewards.trivial,
  );
  const penalty = (clauses: number): number => (clauses < minClauses(maxClauses) ? keyEnvRewards.error : 0);
  let best = penalty(0);
  // For each slot, the best reward of the present number of clauses, the last of which states that slot.
  let bestEndingAt = new Map([[-1, 0]]);
  for (let clauses = 1; clauses <= Math.min(maxClauses, SLOTS); clauses++) {
    const extended = new Map<number, number>();
    for (const [from, reward] of bestEndingAt) {
      for (const [slot, added] of rewards.entries()) {
        if (slot <= from) continue;
        const jump = slot - from > MAX_STEP ? keyEnvRewards.error : 0;
        const known = extended.get(slot) ?? Number.NEGATIVE_INFINITY;
        extended.set(slot, Math.max(known, reward + added + jump));
      }
    }
    best = Math.max(best, ...[...extended.values()].map((reward) => reward + penalty(clauses)));
    bestEndingAt = extended;
  }
  return best;
}
