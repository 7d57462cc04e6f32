import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { restrict } from "../../src/models/generation.ts";
import { MASKED } from "../../src/models/layers.ts";
import { pythiaConfig } from "../../src/models/pythia.ts";
import { generationBytes, type SamplingOptions, sample } from "../../src/models/sampling.ts";
import { missingEndScorer } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { data, model, task } from "../laboratory.ts";

const fixture = path.join(import.meta.dirname, "fixtures/warpers.json");
const { logits, cases } = JSON.parse(readFileSync(fixture, "utf8")) as {
  logits: number[][];
  cases: { topK: number | null; topP: number | null; kept: number[][] }[];
};

const { eos, pad } = task.vocabulary;
const options: SamplingOptions = {
  completions: 20,
  temperature: 1.5,
  maxTokens: task.completionLength,
  eos,
  pad,
};
const drawn = (more: Partial<SamplingOptions>) =>
  sample(
    model,
    data.prompts
      .slice(0, 4)
      .map(({ tokens }, index) => ({ prompt: tokens, stream: randomStream(1, "restricted", index) })),
    { ...options, ...more },
  );

test.each(cases)(
  "top-k $topK and top-p $topP leave the tokens that transformers leaves",
  ({ topK, topP, kept }) => {
    tf.tidy(() => {
      const draws = tf.zeros<tf.Rank.R2>([1, 1]);
      const settings = { draws, ...(topK !== null && { topK }), ...(topP !== null && { topP }) };
      const values = restrict(tf.tensor2d(logits), settings).arraySync();
      const found = values.map((row) => row.flatMap((value, token) => (value > MASKED ? [token] : [])));
      expect(found).toEqual(kept);
      for (const [row, tokens] of kept.entries())
        for (const token of tokens) expect(values[row]![token]).toBe(Math.fround(logits[row]![token]!));
    });
  },
);

test("sampling draws the same restricted tokens eager, compiled and by XLA", async () => {
  const restricted = { topK: 9, topP: 0.8 };
  const eager = await drawn({ ...restricted, compiled: false });
  expect(await drawn({ ...restricted, compiled: true })).toEqual(eager);
  expect(await drawn({ ...restricted, compiled: true, jit: true })).toEqual(eager);
  const free = await drawn({});
  const kinds = (samples: number[][][]) =>
    new Set(samples.flatMap((own) => own.map(([first]) => first))).size;
  expect(kinds(eager)).toBeLessThan(kinds(free));
  expect(kinds(await drawn({ topK: 1 }))).toBeLessThanOrEqual(4);
});

test("a completion ends with the first stop token", async () => {
  const free = await drawn({});
  const stop = [...new Set(free.flat().flatMap((completion) => completion.slice(1, 3)))].slice(0, 2);
  const stopped = await drawn({ stop });
  const upToStop = (completion: number[]) => {
    const at = completion.findIndex((token) => stop.includes(token));
    return at === -1 ? completion : completion.slice(0, at + 1);
  };
  expect(stopped).toEqual(free.map((own) => own.map(upToStop)));
  expect(stopped.flat().some((completion) => stop.includes(completion.at(-1)!))).toBe(true);
});

test("options that cannot be used are refused", async () => {
  await expect(drawn({ topK: 0 })).rejects.toThrow("topK must be a whole number above 0, but is 0");
  await expect(drawn({ topP: 1.5 })).rejects.toThrow("topP must be above 0 and at most 1, but is 1.5");
  await expect(drawn({ stop: [10 ** 6] })).rejects.toThrow(
    "The id 1000000 in the stop tokens is not in the model's",
  );
});

test("completions without an end token have a score of their own", () => {
  const prompt = data.prompts[0]!;
  const samples = [[3, eos], [3, 4], [eos]].map((completion) => ({ prompt, completion }));
  const scorer = missingEndScorer((all) => all.map((_, index) => 10 + index), eos);
  expect(scorer(samples)).toEqual([10, -1, 12]);
});

test("a card of 141 GB samples hundreds of sequences of Pythia-2.8b at a time, in a quarter of its memory", () => {
  const perPrompt = generationBytes(pythiaConfig("2.8b"), 511, 25, 53);
  const sequences = 25 * Math.floor(141e9 / 4 / perPrompt);
  expect(sequences).toBeGreaterThan(250);
  expect(sequences).toBeLessThan(1536);
});
