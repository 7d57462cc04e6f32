import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decisions } from "../../../src/models/batch.ts";
import {
  diagnose,
  type KeyEnvOptions,
  type KeyEnvPrompt,
  keyEnv,
  keyEnvDefaults,
  keyEnvOptimum,
  keyEnvPrompt,
} from "../../../src/tasks/key-env/task.ts";
import { connectorToken, EOS, isImportant, valueToken, WORDS } from "../../../src/tasks/key-env/words.ts";
import { randomStream } from "../../../src/tensors/random.ts";

const five = keyEnv();
const oneClause = keyEnv({ clauses: 1, gamma: 0 });
const slots = Array.from({ length: 10 }, (_, slot) => slot);
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const tokens = (text: string) => text.split(" ").map((word) => WORDS.indexOf(word));
const facts = fc.array(fc.nat(9), { minLength: 10, maxLength: 10 });
const promptOf = (indices: readonly number[], order: readonly number[] = slots) =>
  keyEnvPrompt(
    indices.map((index, slot) => valueToken(slot, index)),
    order,
  );
const copied = (prompt: KeyEnvPrompt, chosen: readonly number[]) => [
  ...chosen.flatMap((slot) => [connectorToken(slot), prompt.values[slot]!]),
  EOS,
];

const story = tokens(
  "feeling meh my plumber at court just vanished should knit about divorce with mime while homeless " +
    "because habit after surgery",
);
const storyPrompt = keyEnvPrompt(
  slots.map((slot) => story[story.indexOf(connectorToken(slot)) + 1]!),
  [3, 0, 6, 1, 9, 2, 5, 8, 4, 7],
);

describe("the task", () => {
  it("has 113 different words, prompts of 21 tokens and completions of 2F + 1", () => {
    expect(five.vocabulary).toEqual({ size: 113, pad: 0, eos: 1 });
    expect(new Set(WORDS).size).toBe(113);
    expect([five.promptLength, five.completionLength, oneClause.completionLength]).toEqual([21, 11, 3]);
    const { demonstrations, prompts, evaluation } = five.data(1, { ...none, demonstrations: 50, pairs: 50 });
    expect([demonstrations.length, prompts.length, evaluation.length]).toEqual([50, 50, 0]);
    for (const prompt of [...prompts, ...demonstrations.map((sample) => sample.prompt)]) {
      expect(prompt.tokens.length).toBe(21);
      expect(keyEnvPrompt(prompt.values, orderOf(prompt))).toEqual(prompt);
      expect([...orderOf(prompt)].sort()).toEqual(slots);
    }
  });

  it("writes tokens as words without eos and padding", () => {
    expect(storyPrompt.tokens.slice(0, 20)).toEqual(story);
    expect(five.text([...story.slice(0, 4), 2, EOS, 0])).toBe("feeling meh my plumber TL;DR:");
  });
});

function orderOf(prompt: KeyEnvPrompt): number[] {
  return slots.map((fact) => prompt.tokens[2 * fact]! - connectorToken(0));
}

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
  it.each(cases)("of “%s” is %d", (text, score, found) => {
    expect(diagnose(storyPrompt, tokens(text))).toMatchObject(found);
    expect(five.score(storyPrompt, tokens(text))).toBe(score);
  });

  it("asks for one clause only in the two-word variant", () => {
    expect(oneClause.score(storyPrompt, tokens("just vanished </s>"))).toBe(1);
    expect(oneClause.score(storyPrompt, tokens("my plumber </s>"))).toBe(-0.5);
    expect(oneClause.score(storyPrompt, tokens("</s>"))).toBe(-1);
    expect(oneClause.score(storyPrompt, tokens("just vanished about"))).toBe(-1);
  });

  it("does not depend on the order of the facts in the post", () => {
    const order = fc.shuffledSubarray(slots, { minLength: 10 });
    const completion = fc.array(fc.nat(112), { maxLength: 11 });
    fc.assert(
      fc.property(facts, order, completion, (indices, shuffled, written) => {
        expect(five.score(promptOf(indices, shuffled), written)).toBe(five.score(promptOf(indices), written));
      }),
    );
  });

  it("has no wrong value and no syntax error where values are copied", () => {
    const connectors = fc.array(fc.nat(9), { maxLength: 5 });
    fc.assert(
      fc.property(facts, connectors, (indices, chosen) => {
        const prompt = promptOf(indices);
        const forcedNext = five.forcedNext!(prompt);
        const completion = [
          ...chosen.flatMap((slot) => [connectorToken(slot), forcedNext[connectorToken(slot)]!]),
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

  it("leaves every token but the connectors to the policy", () => {
    const forcedNext = five.forcedNext!(storyPrompt);
    expect(forcedNext.length).toBe(113);
    expect([...forcedNext].filter((token) => token !== -1)).toEqual(storyPrompt.values);
  });
});

describe("the optimum", () => {
  it("is what all sequences of clauses reach at best", () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 4 }), (indices, clauses) => {
        const prompt = promptOf(indices);
        const task = keyEnv({ clauses });
        let best = -Infinity;
        const extend = (chosen: readonly number[]): void => {
          best = Math.max(best, task.score(prompt, copied(prompt, chosen)));
          if (chosen.length < clauses) for (const slot of slots) extend([...chosen, slot]);
        };
        extend([]);
        const optimum = keyEnvOptimum(prompt, { clauses });
        expect(optimum.score).toBe(best);
        expect(task.score(prompt, optimum.completion)).toBe(best);
        expect(optimum.completion.length).toBeLessThanOrEqual(task.completionLength);
      }),
      { numRuns: 25 },
    );
  });

  it("is above every completion of three tokens in the two-word variant", () => {
    for (const indices of [slots, slots.map(() => 9), slots.map((slot) => (slot === 6 ? 0 : 7))]) {
      const prompt = promptOf(indices);
      let best = -Infinity;
      for (let a = 0; a < 113; a++) {
        for (let b = 0; b < 113; b++) {
          for (let c = 0; c < 113; c++) best = Math.max(best, oneClause.score(prompt, [a, b, c]));
        }
      }
      expect(keyEnvOptimum(prompt, { clauses: 1 }).score).toBe(best);
    }
  });

  it("is not exceeded by any tokens", () => {
    fc.assert(
      fc.property(
        facts,
        fc.array(fc.oneof(fc.nat(12), fc.nat(112)), { maxLength: 11 }),
        (indices, written) => {
          const prompt = promptOf(indices);
          expect(five.score(prompt, written)).toBeLessThanOrEqual(
            keyEnvOptimum(prompt, { clauses: 5 }).score,
          );
        },
      ),
    );
  });
});

/** The expected gold reward of one human summary, by summing over all of them. */
function expectedReward(prompt: KeyEnvPrompt, options: KeyEnvOptions): number {
  const fewest = Math.min(2, options.clauses);
  const worth = (slot: number) => (isImportant(prompt.values[slot]!) ? 1 : -0.5);
  const rest = (position: number, clauses: number): number => {
    const next = [1, 2, 3].map((step) => position + step).filter((slot) => slot < 10);
    if (clauses === options.clauses || next.length === 0) return 0;
    const weights = next.map((slot) => Math.exp(options.gamma * worth(slot)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const goOn = clauses >= fewest ? 1 - options.stop : 1;
    return next.reduce(
      (sum, slot, at) => sum + ((goOn * weights[at]!) / total) * (worth(slot) + rest(slot, clauses + 1)),
      0,
    );
  };
  return rest(-1, 0);
}

describe("the human summariser", () => {
  const sizes = { demonstrations: 4000, pairs: 0, validation: 2000, evaluation: 2000 };
  const data = five.data(11, sizes);

  it("writes summaries without a mistake, of two to five clauses", () => {
    const found = data.demonstrations.map(({ prompt, completion }) => diagnose(prompt, completion));
    for (const { wrongValues, jumps, syntaxErrors, missingEos } of found) {
      expect([wrongValues, jumps, syntaxErrors, missingEos]).toEqual([0, 0, 0, 0]);
    }
    expect(new Set(found.map(({ clauses }) => clauses))).toEqual(new Set([2, 3, 4, 5]));
    expect(mean(found.map(({ clauses }) => clauses))).toBeCloseTo(4.2, 1);
  });

  it("reaches the rewards of the specification", () => {
    const score = ({ prompt, completion }: (typeof data.evaluation)[number]) =>
      five.score(prompt, completion);
    const referenceRewards = [...data.validation, ...data.evaluation];
    const optima = referenceRewards.map(({ prompt }) => keyEnvOptimum(prompt, { clauses: 5 }).score);
    expect(Math.abs(mean(optima) - 3.33)).toBeLessThan(0.08);
    expect(Math.abs(mean(referenceRewards.map(score)) - 2.1)).toBeLessThan(0.08);
    const expected = data.demonstrations.map(({ prompt }) => expectedReward(prompt, keyEnvDefaults));
    expect(Math.abs(mean(expected) - 1.22)).toBeLessThan(0.06);
    expect(Math.abs(mean(data.demonstrations.map(score)) - mean(expected))).toBeLessThan(0.06);
  });

  it("follows its stopping rule and preference in the other settings too", () => {
    for (const options of [
      { clauses: 1, gamma: 0 },
      { clauses: 1, gamma: 2 },
      { gamma: 0, stop: 0.5 },
      { clauses: 3 },
    ]) {
      const task = keyEnv(options);
      const { demonstrations } = task.data(3, { ...none, demonstrations: 4000 });
      const expected = demonstrations.map(({ prompt }) =>
        expectedReward(prompt, { ...keyEnvDefaults, ...options }),
      );
      const found = demonstrations.map(({ prompt, completion }) => task.score(prompt, completion));
      expect(Math.abs(mean(found) - mean(expected))).toBeLessThan(0.07);
    }
    const lengths = oneClause.data(3, { ...none, demonstrations: 100 }).demonstrations;
    expect(new Set(lengths.map(({ completion }) => completion.length))).toEqual(new Set([3]));
  });

  it("sees two facts in five as important", () => {
    const values = data.demonstrations.flatMap(({ prompt }) => prompt.values);
    expect(Math.abs(mean(values.map((value) => Number(isImportant(value)))) - 0.4)).toBeLessThan(0.01);
    const allTrivial = keyEnv({ importance: 0 }).data(1, { ...none, pairs: 20 }).prompts;
    expect(allTrivial.some(({ values }) => values.some(isImportant))).toBe(false);
  });
});

describe("one seed's data", () => {
  const sizes = { demonstrations: 300, pairs: 200, validation: 100, evaluation: 150 };
  const data = five.data(5, sizes);

  it("is the same again, and another for another seed", () => {
    expect(five.data(5, sizes)).toEqual(data);
    expect(five.data(6, sizes).prompts[0]).not.toEqual(data.prompts[0]);
    expect(data.pairs).toBeUndefined();
  });

  it("keeps the first items of each part when more or fewer are asked for", () => {
    const size = fc.nat(20);
    const fewer = fc.record({ demonstrations: size, pairs: size, validation: size, evaluation: size });
    fc.assert(
      fc.property(fewer, (asked) => {
        const found = five.data(5, asked);
        expect(found.demonstrations).toEqual(data.demonstrations.slice(0, asked.demonstrations));
        expect(found.prompts).toEqual(data.prompts.slice(0, asked.pairs));
        expect(found.validation).toEqual(data.validation.slice(0, asked.validation));
        expect(found.evaluation).toEqual(data.evaluation.slice(0, asked.evaluation));
      }),
      { numRuns: 20 },
    );
  });

  it("has the same posts whatever the summaries are like", () => {
    const posts = (options: Partial<KeyEnvOptions>) =>
      keyEnv(options)
        .data(5, sizes)
        .demonstrations.map(({ prompt }) => prompt);
    expect(posts({ gamma: 0, clauses: 1, referenceSamples: 7 })).toEqual(posts({}));
  });

  it("never has the same facts in two parts, even in a world of few facts", () => {
    // 12 000 of the 5¹⁰ posts without an important fact: by chance alone, about five would be repeats.
    const large = { demonstrations: 3000, pairs: 3000, validation: 3000, evaluation: 3000 };
    const { demonstrations, prompts, validation, evaluation } = keyEnv({ importance: 0 }).data(2, large);
    const parts = [demonstrations, prompts.map((prompt) => ({ prompt })), validation, evaluation].map(
      (part) => new Set(part.map(({ prompt }) => prompt.values.join())),
    );
    const together = new Set(parts.flatMap((part) => [...part]));
    expect(together.size).toBe(parts.reduce((sum, part) => sum + part.size, 0));
  });
});

describe("preferences", () => {
  it("follow Bradley and Terry's model at temperature tau", () => {
    const better = tokens("just vanished about divorce </s>");
    const worse = tokens("just vanished my plumber </s>");
    const gap = five.score(storyPrompt, better) - five.score(storyPrompt, worse);
    for (const tau of [0.6, 3]) {
      const task = keyEnv({ tau });
      const stream = randomStream(1, "test", "preferences", tau);
      const wins = Array.from({ length: 4000 }, () =>
        Number(task.prefer!(storyPrompt, better, worse, stream)),
      );
      expect(Math.abs(mean(wins) - 1 / (1 + Math.exp(-gap / tau)))).toBeLessThan(0.03);
    }
  });
});

describe("bad options", () => {
  it("are named", () => {
    expect(() => keyEnv({ clauses: 0 })).toThrow(
      `option "clauses" must be a whole number from 1 to 10, not 0`,
    );
    expect(() => keyEnv({ stop: 1.5 })).toThrow(/"stop" must be a probability/);
    expect(() => keyEnv({ importance: Number.NaN })).toThrow(/"importance" must be a probability/);
    expect(() => keyEnv({ tau: 0 })).toThrow(/"tau" must be a number above 0/);
    expect(() => keyEnv({ gama: 1 } as object)).toThrow('KeyEnv has no option "gama"');
    expect(() => five.data(1, { ...none, pairs: -1 })).toThrow(
      "number of pairs must be a whole number from 0, not -1",
    );
  });
});
