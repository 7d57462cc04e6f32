import { describe, expect, test } from "vitest";
import type { KeyEnvOptions } from "../../../src/tasks/key-env/options.ts";
import { clause, type KeyEnvPrompt, keyEnvPrompt } from "../../../src/tasks/key-env/posts.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { connectorToken, isImportant } from "../../../src/tasks/key-env/vocabulary.ts";
import type { DataSizes } from "../../../src/tasks/task.ts";
import { slots, story, storyPrompt } from "./story.ts";

const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const posts = (options: Partial<KeyEnvOptions>, pairs: number) =>
  keyEnv(options).data(1, { ...none, pairs }).prompts;
const connectors = ({ tokens }: KeyEnvPrompt) => tokens.filter((_, at) => at % 2 === 0).slice(0, 10);
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test("a prompt states each fact as a connector and a value, in the given order", () => {
  expect(storyPrompt.tokens.slice(0, 20)).toEqual(story);
  expect(clause(storyPrompt.values, 3)).toEqual(story.slice(0, 2));
  expect(() => clause(storyPrompt.values, 10)).toThrow("A KeyEnv post of 10 facts has no slot 10.");
});

test("a drawn post states each slot once", () => {
  for (const prompt of posts({}, 50)) {
    const order = connectors(prompt).map((token) => token - connectorToken(0));
    expect(keyEnvPrompt(prompt.values, order)).toEqual(prompt);
    expect(order.toSorted()).toEqual(slots);
  }
});

test.each([0, 0.4, 0.7])("facts are important with probability %d", (importance) => {
  const values = posts({ importance }, 1000).flatMap((prompt) => prompt.values);
  expect(Math.abs(mean(values.map((value) => Number(isImportant(value)))) - importance)).toBeLessThan(0.015);
});

test("the order of the facts changes neither the facts nor the summaries", () => {
  const sizes = { demonstrations: 30, pairs: 30, validation: 10, evaluation: 10 };
  const dataOf = (order: KeyEnvOptions["order"]) => keyEnv({ order }).data(8, sizes);
  const [random, canonical, reversed] = [dataOf("random"), dataOf("canonical"), dataOf("reversed")];
  expect(canonical.prompts).toEqual(random.prompts.map(({ values }) => keyEnvPrompt(values, slots)));
  expect(reversed.prompts).toEqual(
    random.prompts.map(({ values }) => keyEnvPrompt(values, slots.toReversed())),
  );
  const summaries = ({ evaluation }: typeof random) => evaluation.map(({ completion }) => completion);
  expect(summaries(reversed)).toEqual(summaries(random));
});

describe("posts of different parts never have the same facts", () => {
  const factsByPart = (options: Partial<KeyEnvOptions>, seed: number, size: number) => {
    const sizes: DataSizes = { demonstrations: size, pairs: size, validation: size, evaluation: size };
    const { demonstrations, prompts, validation, evaluation } = keyEnv(options).data(seed, sizes);
    const factsOf = ({ values }: KeyEnvPrompt) => values.join();
    return {
      demonstrations: demonstrations.map(({ prompt }) => factsOf(prompt)),
      pairs: prompts.map(factsOf),
      validation: validation.map(({ prompt }) => factsOf(prompt)),
      evaluation: evaluation.map(({ prompt }) => factsOf(prompt)),
    };
  };

  test("within one seed, even if there are few facts", () => {
    // 12 000 of the 5¹⁰ posts without an important fact: by chance alone, about five would repeat.
    const parts = Object.values(factsByPart({ importance: 0 }, 2, 3000)).map((facts) => new Set(facts));
    const together = new Set(parts.flatMap((facts) => [...facts]));
    expect(together.size).toBe(parts.reduce((sum, facts) => sum + facts.size, 0));
  });

  test("across seeds and options", () => {
    // Both tasks draw some of the same posts, as there are only 5¹⁰ without an important fact.
    const here = Object.entries(factsByPart({ importance: 0 }, 1, 4000));
    const there = Object.entries(
      factsByPart({ importance: 0.003, clauses: 1, order: "reversed", reward: "rouge-l" }, 2, 4000),
    );
    let alike = 0;
    for (const [part, facts] of here) {
      const seen = new Set(facts);
      for (const [other, others] of there) {
        const shared = others.filter((post) => seen.has(post)).length;
        if (part === other) alike += shared;
        else expect(shared).toBe(0);
      }
    }
    expect(alike).toBeGreaterThan(0);
  });
});
