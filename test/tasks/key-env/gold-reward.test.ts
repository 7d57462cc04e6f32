import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnose, keyEnvOptimum } from "../../../src/tasks/key-env/gold-reward.ts";
import { clause, type KeyEnvPrompt, keyEnvPrompt } from "../../../src/tasks/key-env/posts.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { connectorToken, EOS, isImportant } from "../../../src/tasks/key-env/vocabulary.ts";
import { decisions } from "../../../src/tasks/task.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { anyValues, slots, storyPrompt, tokensOf, valuesOf } from "./story.ts";

const five = keyEnv();
const oneClause = keyEnv({ clauses: 1, gamma: 0 });
const canonical = (values: readonly number[]) => keyEnvPrompt(values, slots);
const copied = ({ values }: KeyEnvPrompt, chosen: readonly number[]) => [
  ...chosen.flatMap((slot) => clause(values, slot)),
  EOS,
];

describe("the gold reward", () => {
  const cases: [string, number, object][] = [
    [
      "just vanished about divorce at court after surgery while homeless </s>",
      4,
      { clauses: 5, important: 5, jumps: 1 },
    ],
    ["just vanished about divorce with mime after surgery </s>", 2.5, { important: 3, trivial: 1 }],
    ["my plumber because habit </s>", -2, { trivial: 2, jumps: 1 }],
    ["just stole about divorce </s>", 0, { important: 1, wrongValues: 1 }],
    ["just divorce about divorce </s>", 0, { important: 1, wrongValues: 1 }],
    ["just vanished just vanished </s>", 0, { clauses: 2, important: 1, jumps: 1 }],
    ["about divorce just vanished </s>", 1, { important: 2, jumps: 1 }],
    ["just vanished about divorce", 1, { important: 2, missingEos: 1 }],
    ["just vanished </s>", 0, { clauses: 1, important: 1 }],
    ["just vanished about </s>", -1, { clauses: 1, syntaxErrors: 1 }],
    ["just about divorce </s>", -1, { clauses: 1, important: 1, syntaxErrors: 1 }],
    ["vanished just vanished about divorce <pad> TL;DR: </s>", -1, { important: 2, syntaxErrors: 3 }],
    ["</s>", -1, { clauses: 0, syntaxErrors: 0 }],
    ["</s> just vanished about divorce", -1, { clauses: 0, missingEos: 0 }],
  ];
  test.each(cases)("of “%s” is %d", (text, score, found) => {
    expect(diagnose(storyPrompt, tokensOf(text))).toMatchObject(found);
    expect(five.score(storyPrompt, tokensOf(text))).toBe(score);
  });

  test("asks for only one clause in the two-word variant", () => {
    expect(oneClause.score(storyPrompt, tokensOf("just vanished </s>"))).toBe(1);
    expect(oneClause.score(storyPrompt, tokensOf("my plumber </s>"))).toBe(-0.5);
    expect(oneClause.score(storyPrompt, tokensOf("</s>"))).toBe(-1);
    expect(oneClause.score(storyPrompt, tokensOf("just vanished about"))).toBe(-1);
  });

  test("does not depend on the order of the facts in the post", () => {
    const order = fc.shuffledSubarray(slots, { minLength: 10 });
    const completion = fc.array(fc.nat(112), { maxLength: 11 });
    fc.assert(
      fc.property(anyValues, order, completion, (values, shuffled, written) => {
        expect(five.score(keyEnvPrompt(values, shuffled), written)).toBe(
          five.score(canonical(values), written),
        );
      }),
    );
  });

  test("finds no wrong value and no syntax error if values are copied", () => {
    const connectors = fc.array(fc.nat(9), { maxLength: 5 });
    fc.assert(
      fc.property(anyValues, connectors, (values, chosen) => {
        const prompt = canonical(values);
        const forcedNext = five.forcedNext(prompt);
        const completion = [
          ...chosen.map(connectorToken).flatMap((token) => [token, ...forcedNext.slice(token, token + 1)]),
          EOS,
        ];
        const found = diagnose(prompt, completion);
        expect(found).toMatchObject({
          wrongValues: 0,
          syntaxErrors: 0,
          missingEos: 0,
          clauses: chosen.length,
        });
        expect(found.important + found.trivial).toBe(new Set(chosen).size);
        expect(decisions(completion, forcedNext)).toEqual(completion.map((_, at) => at % 2 === 0));
      }),
    );
  });
});

describe("the optimum", () => {
  test("is the best reward of all sequences of clauses", () => {
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 1, max: 4 }), (values, clauses) => {
        const prompt = canonical(values);
        const task = keyEnv({ clauses });
        let best = -Infinity;
        const extend = (chosen: readonly number[]): void => {
          best = Math.max(best, task.score(prompt, copied(prompt, chosen)));
          if (chosen.length < clauses) for (const slot of slots) extend([...chosen, slot]);
        };
        extend([]);
        expect(keyEnvOptimum(prompt, clauses)).toBe(best);
        expect(task.optimum(prompt)).toBe(best);
      }),
      { numRuns: 25 },
    );
  });

  test("is the best reward of all orders of different facts, for up to seven clauses", () => {
    fc.assert(
      fc.property(anyValues, fc.constantFrom(1, 2, 3, 5, 7), (values, clauses) => {
        const prompt = canonical(values);
        expect(keyEnvOptimum(prompt, clauses)).toBe(bestOfAllOrders(prompt, clauses));
      }),
      { numRuns: 30 },
    );
  });

  test("is the best reward of all completions of three tokens in the two-word variant", () => {
    for (const indices of [slots, slots.map(() => 9), slots.map((slot) => (slot === 6 ? 0 : 7))]) {
      const prompt = canonical(valuesOf(indices));
      let best = -Infinity;
      for (let a = 0; a < 113; a++) {
        for (let b = 0; b < 113; b++) {
          for (let c = 0; c < 113; c++) best = Math.max(best, oneClause.score(prompt, [a, b, c]));
        }
      }
      expect(keyEnvOptimum(prompt, 1)).toBe(best);
    }
  });

  test("is not exceeded by any tokens or demonstrator", () => {
    const anyTokens = fc.array(fc.oneof(fc.nat(12), fc.nat(112)), { maxLength: 15 });
    fc.assert(
      fc.property(anyValues, fc.constantFrom(1, 2, 3, 5, 7), anyTokens, (values, clauses, written) => {
        const task = keyEnv({ clauses });
        const prompt = canonical(values);
        const stream = randomStream(2, "demonstrators");
        const completions = Object.values(task.demonstrators).map((write) => write(prompt, stream));
        for (const completion of [written, ...completions]) {
          expect(task.score(prompt, completion)).toBeLessThanOrEqual(task.optimum(prompt));
        }
      }),
    );
  });
});

/** The best reward of all orders of different facts, by dynamic programming over their sets. */
function bestOfAllOrders({ values }: KeyEnvPrompt, clauses: number): number {
  const rewards = values.map((value) => (isImportant(value) ? 1 : -0.5));
  let best = -1;
  let ending = new Map<string, [set: number, last: number, score: number]>([["", [0, -1, 0]]]);
  for (let length = 1; length <= clauses; length++) {
    const longer: typeof ending = new Map();
    for (const [set, last, score] of ending.values()) {
      for (const [slot, reward] of rewards.entries()) {
        if ((set & (1 << slot)) !== 0) continue;
        const isJump = slot <= last || slot > last + 3;
        const extended = score + reward - Number(isJump);
        const key = `${set | (1 << slot)} ${slot}`;
        if (extended > (longer.get(key)?.[2] ?? -Infinity)) {
          longer.set(key, [set | (1 << slot), slot, extended]);
        }
      }
    }
    const tooFew = Number(length < 2 && clauses > 1);
    for (const [, , score] of longer.values()) best = Math.max(best, score - tooFew);
    ending = longer;
  }
  return best;
}
