import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KeyEnvOptions, keyEnv } from "../../../src/tasks/key-env/task.ts";
import { EOS, WORDS } from "../../../src/tasks/key-env/vocabulary.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { story, storyPrompt, tokensOf } from "./story.ts";

const five = keyEnv();
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };

describe("the task", () => {
  test("has 113 different words, prompts of 21 tokens and completions of 2F + 1", () => {
    expect(five.vocabulary).toEqual({ size: 113, pad: 0, eos: 1 });
    expect(new Set(WORDS).size).toBe(113);
    const { completionLength } = keyEnv({ clauses: 1 });
    expect([five.promptLength, five.completionLength, completionLength]).toEqual([21, 11, 3]);
    const { demonstrations, prompts, evaluation } = five.data(1, { ...none, demonstrations: 50, pairs: 50 });
    expect([demonstrations.length, prompts.length, evaluation.length]).toEqual([50, 50, 0]);
    for (const { tokens } of [...prompts, ...demonstrations.map(({ prompt }) => prompt)]) {
      expect(tokens.length).toBe(21);
    }
  });

  test("writes tokens as words without eos and padding", () => {
    expect(five.text([...story.slice(0, 4), 2, EOS, 0])).toBe("feeling meh my plumber TL;DR:");
  });

  test("leaves every token but the values after connectors to the policy", () => {
    const forcedNext = five.forcedNext(storyPrompt);
    expect(forcedNext.length).toBe(113);
    expect([...forcedNext].filter((token) => token !== -1)).toEqual(storyPrompt.values);
  });

  test("has completions of three tokens in the two-word variant", () => {
    const { demonstrations } = keyEnv({ clauses: 1 }).data(3, { ...none, demonstrations: 100 });
    expect(new Set(demonstrations.map(({ completion }) => completion.length))).toEqual(new Set([3]));
  });
});

describe("one seed's data", () => {
  const sizes = { demonstrations: 300, pairs: 200, validation: 100, evaluation: 150 };
  const data = five.data(5, sizes);

  test("is reproducible, and differs between seeds", () => {
    expect(five.data(5, sizes)).toEqual(data);
    expect(five.data(6, sizes).prompts[0]).not.toEqual(data.prompts[0]);
    expect(data).not.toHaveProperty("pairs");
  });

  test("has the same first items of each part for all sizes", () => {
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

  test("has the same posts for all options of the writers", () => {
    const posts = (options: Partial<KeyEnvOptions>) =>
      keyEnv(options)
        .data(5, sizes)
        .demonstrations.map(({ prompt }) => prompt);
    expect(posts({ gamma: 0, clauses: 1, referenceSamples: 7 })).toEqual(posts({}));
  });
});

test("preferences follow Bradley and Terry's model at temperature tau", () => {
  const better = tokensOf("just vanished about divorce </s>");
  const worse = tokensOf("just vanished my plumber </s>");
  const gap = five.score(storyPrompt, better) - five.score(storyPrompt, worse);
  for (const tau of [0.6, 3]) {
    const task = keyEnv({ tau });
    const stream = randomStream(1, "test", "preferences", tau);
    const wins = Array.from({ length: 4000 }, () => Number(task.prefer(storyPrompt, better, worse, stream)));
    const rate = wins.reduce((sum, win) => sum + win, 0) / wins.length;
    expect(Math.abs(rate - 1 / (1 + Math.exp(-gap / tau)))).toBeLessThan(0.03);
  }
});

test("invalid options and sizes are named", () => {
  expect(() => keyEnv({ clauses: 0 })).toThrow(
    `KeyEnv's option "clauses" must be a whole number from 1 to 10, not 0`,
  );
  expect(() => keyEnv({ stop: 1.5 })).toThrow(/"stop" must be a probability/);
  expect(() => keyEnv({ importance: Number.NaN })).toThrow(/"importance" must be a probability/);
  expect(() => keyEnv({ tau: 0 })).toThrow(/"tau" must be a number above 0/);
  expect(() => keyEnv({ gama: 1 } as object)).toThrow('KeyEnv has no option "gama"');
  expect(() => keyEnv({ reward: "rouge" } as object)).toThrow(
    `KeyEnv's option "reward" must be "facts" or "rouge-l", not rouge.`,
  );
  expect(() => keyEnv({ order: "backwards" } as object)).toThrow(
    `KeyEnv's option "order" must be "random", "canonical" or "reversed", not backwards.`,
  );
  expect(() => keyEnv({ referenceGamma: Number.NaN })).toThrow(/"referenceGamma" must be a number/);
  expect(() => five.data(1, { ...none, pairs: -1 })).toThrow(
    "number of pairs must be a whole number from 0, not -1",
  );
});
