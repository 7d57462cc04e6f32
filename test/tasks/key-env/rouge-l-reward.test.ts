import fc from "fast-check";
import { expect, test } from "vitest";
import { clause, type KeyEnvPrompt } from "../../../src/tasks/key-env/posts.ts";
import { referenceOf } from "../../../src/tasks/key-env/rouge-l-reward.ts";
import { keyEnv } from "../../../src/tasks/key-env/task.ts";
import { EOS, isImportant, PAD, TLDR } from "../../../src/tasks/key-env/vocabulary.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { rougeL } from "../../../src/text/rouge.ts";
import { item } from "../item.ts";

const task = keyEnv({ reward: "rouge-l" });
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const sizes = { demonstrations: 200, pairs: 500, validation: 100, evaluation: 100 };
const data = task.data(5, sizes);
const anyPrompt = fc.constantFrom(...data.prompts);
const words = fc.array(
  fc.nat(112).filter((token) => token !== TLDR),
  { maxLength: 12 },
);
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test("the reward is the ROUGE-L F1 of the two texts", () => {
  const mostlyRight = anyPrompt.chain((prompt) => fc.shuffledSubarray([...referenceOf(prompt)]));
  fc.assert(
    fc.property(anyPrompt, fc.oneof(words, mostlyRight), (prompt, written) => {
      const end = written.indexOf(EOS);
      const text = task.text(end === -1 ? written : written.slice(0, end));
      expect(task.score(prompt, written)).toBe(rougeL(task.text(referenceOf(prompt)), text).f1);
      expect(task.score(prompt, [PAD, ...written])).toBe(task.score(prompt, written));
    }),
    { numRuns: 300 },
  );
});

test("the reward is 1 for the reference, which is the optimum, and never more", () => {
  for (const prompt of data.prompts) {
    const reference = referenceOf(prompt);
    expect(task.score(prompt, reference)).toBe(1);
    expect(task.optimum(prompt)).toBe(1);
    expect(reference.length).toBeLessThanOrEqual(task.completionLength);
    expect(task.isMalformed(prompt, reference)).toBe(false);
  }
  fc.assert(
    fc.property(anyPrompt, words, (prompt, written) => {
      expect(task.score(prompt, written)).toBeLessThanOrEqual(1);
    }),
  );
});

test("references can be predicted from the post, but not quite", () => {
  const predicted = data.prompts.map((prompt) => {
    const completion: number[] = [];
    for (let position = -1; completion.length < 10 && position < 9; ) {
      const important = prompt.values.slice(position + 1, position + 4).findIndex(isImportant);
      position += 1 + Math.max(0, important);
      completion.push(...clause(prompt.values, position));
    }
    return task.score(prompt, [...completion, EOS]);
  });
  expect(mean(predicted)).toBeGreaterThan(0.97);
  expect(mean(predicted)).toBeLessThan(1);
  const stream = randomStream(1, "human");
  const human = data.prompts.map((prompt) => task.score(prompt, task.demonstrators.human(prompt, stream)));
  expect(mean(human)).toBeLessThan(0.65);
});

test("the reward changes nothing that a policy sees", () => {
  const plain = keyEnv().data(5, sizes);
  const seen = ({ tokens, values }: KeyEnvPrompt) => ({ tokens, values });
  expect(data.prompts.map(seen)).toEqual(plain.prompts);
  expect(data.demonstrations.map(({ completion }) => completion)).toEqual(
    plain.demonstrations.map(({ completion }) => completion),
  );
});

test("a seed and post has one reference, for all sizes", () => {
  const fewer = task.data(5, { ...none, pairs: 7, evaluation: 3 });
  expect(fewer.prompts).toEqual(data.prompts.slice(0, 7));
  expect(fewer.evaluation).toEqual(data.evaluation.slice(0, 3));
  const other = keyEnv({ reward: "rouge-l", referenceGamma: 0 }).data(5, { ...none, pairs: 20 }).prompts;
  expect(other.map(referenceOf)).not.toEqual(data.prompts.slice(0, 20).map(referenceOf));
});

test("annotators go by the reward, at a default temperature of 0.12", () => {
  const prompt = item(data.prompts, 0);
  const half = [...referenceOf(prompt).slice(0, 2), EOS];
  const gap = 1 - task.score(prompt, half);
  for (const [tau, options] of [
    [0.12, {}],
    [1, { tau: 1 }],
  ] as const) {
    const annotated = keyEnv({ reward: "rouge-l", ...options });
    const stream = randomStream(1, "preferences");
    const wins = Array.from({ length: 4000 }, () =>
      Number(annotated.prefer(prompt, half, referenceOf(prompt), stream)),
    );
    expect(Math.abs(mean(wins) - 1 / (1 + Math.exp(gap / tau)))).toBeLessThan(0.02);
  }
});

test("a prompt without a reference is an error", () => {
  const plain = keyEnv().data(1, { ...none, pairs: 1 });
  expect(() => task.score(item(plain.prompts, 0), [EOS])).toThrow(
    'no reference to score against: draw it from a KeyEnv with reward "rouge-l".',
  );
});
