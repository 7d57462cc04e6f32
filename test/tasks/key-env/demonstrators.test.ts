import { describe, expect, test } from "vitest";
import { diagnose, keyEnvOptimum } from "../../../src/tasks/key-env/gold-reward.ts";
import { type KeyEnvOptions, keyEnvDefaults } from "../../../src/tasks/key-env/options.ts";
import type { KeyEnvPrompt } from "../../../src/tasks/key-env/posts.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { isImportant } from "../../../src/tasks/key-env/vocabulary.ts";
import { randomStream } from "../../../src/tensors/random.ts";

const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const posts = (options: Partial<KeyEnvOptions>, seed: number, pairs: number) =>
  keyEnv(options).data(seed, { ...none, pairs }).prompts;

describe("the demonstrators", () => {
  test.each([1, 2, 3, 5, 7])("write summaries without mistakes of up to %d clauses", (clauses) => {
    const task = keyEnv({ clauses });
    const stream = randomStream(1, "demonstrators");
    const counts = new Set<number>();
    for (const prompt of posts({ clauses }, 4, 300)) {
      for (const write of Object.values(task.demonstrators)) {
        const completion = write(prompt, stream);
        expect(completion.length).toBeLessThanOrEqual(task.completionLength);
        expect(task.isMalformed(prompt, completion)).toBe(false);
        counts.add(diagnose(prompt, completion).clauses);
      }
    }
    expect(Math.max(...counts)).toBe(clauses);
    expect(Math.min(...counts)).toBe(Math.min(2, clauses));
  });

  test("write the data: the human the demonstrations, the careful writer the references", () => {
    const task = keyEnv({ clauses: 3 });
    const data = task.data(6, { demonstrations: 20, pairs: 0, validation: 20, evaluation: 20 });
    const { human, careful } = task.demonstrators;
    for (const [part, write] of [
      ["demonstrations", human],
      ["validation", careful],
      ["evaluation", careful],
    ] as const) {
      const stream = randomStream(6, "key-env", part, "summaries");
      for (const { prompt, completion } of data[part]) expect(write(prompt, stream)).toEqual(completion);
    }
  });

  test("rank indifferent < human < careful, and indifference is a gamma of 0", () => {
    const prompts = posts({}, 3, 3000);
    const rewards = (name: "human" | "careful" | "indifferent", task = keyEnv()) => {
      const stream = randomStream(1, "gold");
      return mean(prompts.map((prompt) => task.score(prompt, task.demonstrators[name](prompt, stream))));
    };
    expect(rewards("careful")).toBeGreaterThan(rewards("human") + 0.5);
    expect(rewards("human")).toBeGreaterThan(rewards("indifferent") + 0.5);
    expect(rewards("indifferent")).toBe(rewards("human", keyEnv({ gamma: 0 })));
  });
});

describe("the human summariser", () => {
  const five = keyEnv();
  const data = five.data(11, { demonstrations: 4000, pairs: 0, validation: 2000, evaluation: 2000 });

  test("writes two to five clauses, 4.2 on average", () => {
    const clauses = data.demonstrations.map(({ prompt, completion }) => diagnose(prompt, completion).clauses);
    expect(new Set(clauses)).toEqual(new Set([2, 3, 4, 5]));
    expect(mean(clauses)).toBeCloseTo(4.2, 1);
  });

  test("reaches the rewards of the specification", () => {
    const score = ({ prompt, completion }: { prompt: KeyEnvPrompt; completion: readonly number[] }) =>
      five.score(prompt, completion);
    const references = [...data.validation, ...data.evaluation];
    const optima = references.map(({ prompt }) => keyEnvOptimum(prompt, 5));
    expect(Math.abs(mean(optima) - 3.33)).toBeLessThan(0.08);
    expect(Math.abs(mean(references.map(score)) - 2.1)).toBeLessThan(0.08);
    const expected = data.demonstrations.map(({ prompt }) => expectedReward(prompt, keyEnvDefaults));
    expect(Math.abs(mean(expected) - 1.22)).toBeLessThan(0.06);
    expect(Math.abs(mean(data.demonstrations.map(score)) - mean(expected))).toBeLessThan(0.06);
  });

  test.each([{ clauses: 1, gamma: 0 }, { clauses: 1, gamma: 2 }, { gamma: 0, stop: 0.5 }, { clauses: 3 }])(
    "reaches the expected reward of its options: %o",
    (options) => {
      const task = keyEnv(options);
      const { demonstrations } = task.data(3, { ...none, demonstrations: 4000 });
      const settings = { ...keyEnvDefaults, ...options };
      const expected = demonstrations.map(({ prompt }) => expectedReward(prompt, settings));
      const found = demonstrations.map(({ prompt, completion }) => task.score(prompt, completion));
      expect(Math.abs(mean(found) - mean(expected))).toBeLessThan(0.07);
    },
  );
});

/** The expected gold reward of one human summary, by summing over all of them. */
function expectedReward(prompt: KeyEnvPrompt, options: KeyEnvOptions): number {
  const fewest = Math.min(2, options.clauses);
  const rewards = prompt.values.map((value) => (isImportant(value) ? 1 : -0.5));
  const rest = (position: number, clauses: number): number => {
    const next = [...rewards.entries()].slice(position + 1, position + 4);
    if (clauses === options.clauses || next.length === 0) return 0;
    const weight = (reward: number) => Math.exp(options.gamma * reward);
    const total = next.reduce((sum, [, reward]) => sum + weight(reward), 0);
    const goOn = clauses >= fewest ? 1 - options.stop : 1;
    return next.reduce(
      (sum, [slot, reward]) => sum + ((goOn * weight(reward)) / total) * (reward + rest(slot, clauses + 1)),
      0,
    );
  };
  return rest(-1, 0);
}
