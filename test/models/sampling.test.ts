import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decisions, paddedShape } from "../../src/models/batch.ts";
import { flatVariable, network } from "../../src/models/decoder.ts";
import { type GenerationInputs, generate } from "../../src/models/generation.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { flatten, unflatten } from "../../src/models/named-weights.ts";
import { logits, withNetwork } from "../../src/models/network.ts";
import {
  generationInputs,
  type SamplingOptions,
  sample,
  sampleAtTemperatures,
} from "../../src/models/sampling.ts";
import { policyEntropy, policyLogps } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { compile } from "../../src/tensors/compile.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { data, model, task } from "../laboratory.ts";

const { eos, pad } = task.vocabulary;
const options: SamplingOptions = {
  completions: 3,
  temperature: 1,
  maxTokens: task.completionLength,
  eos,
  pad,
};
const prompts = data.prompts.slice(0, 6);
const requests = (copying = true) =>
  prompts.map((prompt, index) => ({
    prompt: prompt.tokens,
    forcedNext: copying ? task.forcedNext!(prompt) : undefined,
    stream: randomStream(1, "sampling-test", index),
  }));

/** The next token's distribution, from the whole sequence and without a cache. */
function nextDistribution(tokens: readonly number[], temperature = 1): Float32Array {
  const probabilities = withNetwork(model, (net) => {
    const all = logits(net, tf.tensor2d([[...tokens]], undefined, "int32"));
    const last = all.slice([0, tokens.length - 1, 0], [1, 1, -1]).flatten();
    return tf.softmax(tf.div(last, temperature));
  });
  const values = probabilities.dataSync() as Float32Array;
  probabilities.dispose();
  return values;
}

describe("sampling", () => {
  test("takes the most likely token of the uncached model at temperature 0", async () => {
    const [[completion]] = (await sample(model, requests(false).slice(0, 1), {
      ...options,
      completions: 1,
      temperature: 0,
    })) as [[number[]]];
    for (const [step, token] of completion.entries()) {
      const distribution = nextDistribution([...prompts[0]!.tokens, ...completion.slice(0, step)]);
      expect(token).toBe(distribution.indexOf(Math.max(...distribution)));
    }
  });

  test("draws the first token with the model's own probabilities", async () => {
    const draws = 4000;
    const [completions] = (await sample(model, requests(false).slice(0, 1), {
      ...options,
      completions: draws,
      temperature: 0.5,
      maxTokens: 1,
    })) as [number[][]];
    const expected = nextDistribution(prompts[0]!.tokens, 0.5);
    const found = new Float64Array(expected.length);
    for (const [token] of completions) found[token!]! += 1 / draws;
    for (const [token, probability] of expected.entries()) {
      const deviation = Math.sqrt((probability * (1 - probability)) / draws);
      expect(Math.abs(found[token]! - probability)).toBeLessThan(5 * deviation + 1e-3);
    }
  });

  test.each([0, 0.7, 1])(
    "takes the same tokens eager, compiled and compiled by XLA at temperature %d",
    async (temperature) => {
      const mixed = requests().map((request, index) => ({
        ...request,
        // Prompts of other lengths, one of a single token, and some without copies.
        prompt: request.prompt.slice([0, 0, 3, 20, 7, 0][index]),
        forcedNext: index % 2 === 0 ? request.forcedNext : undefined,
      }));
      const settings = { ...options, temperature, sequencesAtOnce: 12 };
      const run = async (how: Pick<SamplingOptions, "compiled" | "jit">) =>
        sample(
          model,
          mixed.map((request, index) => ({ ...request, stream: randomStream(2, "both", index) })),
          { ...settings, ...how },
        );
      const eager = await run({ compiled: false });
      const compiled = await run({ compiled: true });
      expect(compiled).toEqual(eager);
      expect(await run({ compiled: true, jit: true })).toEqual(eager);
      expect(new Set(compiled.flat().map(({ length }) => length)).size).toBeGreaterThan(
        temperature === 0 ? 0 : 1,
      );
    },
  );

  test.each([0, 1])("takes the same tokens if XLA compiles all of it, at temperature %d", (temperature) => {
    const weights = flatVariable(model.weights);
    const from = (inputs: GenerationInputs) =>
      tf.tidy(() => generate(network(model.config, weights), inputs));
    const [compiled, whole] = [compile(from), compile(from, { jit: true })];
    const shape = paddedShape(prompts.map(({ tokens }) => ({ prompt: tokens, completions: [] })));
    tf.tidy(() => {
      const settings = { ...options, temperature };
      const inputs = generationInputs(model, requests(), prompts.length, shape, settings);
      const [found, expected] = [whole(inputs), compiled(inputs)];
      expect([...found.dataSync()]).toEqual([...expected.dataSync()]);
    });
    tf.dispose(weights);
    for (const one of [compiled, whole]) one.dispose();
  });

  test("gives a prompt the same samples, alone and in larger batches", async () => {
    const together = await sample(model, requests(), options);
    const apart = await sample(model, requests(), { ...options, sequencesAtOnce: 3 });
    expect(apart).toEqual(together);
  });

  test("is not moved by the padding that longer prompts cause", async () => {
    const [first, second] = requests();
    const short = { ...first!, prompt: first!.prompt.slice(5), stream: randomStream(2, "short") };
    const alone = await sample(model, [short], options);
    const padded = await sample(model, [{ ...short, stream: randomStream(2, "short") }, second!], options);
    expect(padded[0]).toEqual(alone[0]);
  });

  test("copies forced tokens, stops at eos and keeps to the longest length", async () => {
    const samples = await sample(model, requests(), options);
    for (const [index, prompt] of prompts.entries()) {
      const forcedNext = task.forcedNext!(prompt);
      for (const completion of samples[index]!) {
        expect(completion.length).toBeLessThanOrEqual(task.completionLength);
        expect(completion.indexOf(eos)).toBe(completion.includes(eos) ? completion.length - 1 : -1);
        for (const [place, decided] of decisions(completion, forcedNext).entries()) {
          if (!decided) expect(completion[place]).toBe(forcedNext[completion[place - 1]!]);
        }
      }
    }
  });

  test("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await sample(model, requests(), options);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [{ temperature: -1 }, {}, /temperature must be 0 or more/],
    [{}, { prompt: [] }, /Prompt 0 is empty/],
    [{}, { prompt: Array(40).fill(3) }, /Prompt 0 has 40 tokens, but the model's context of 32/],
    [{}, { stream: undefined }, /Prompt 0 has no random stream/],
  ])("refuses bad input: %o %o", async (setting, request, message) => {
    await expect(
      sample(model, [{ ...requests()[0]!, ...request }], { ...options, ...setting }),
    ).rejects.toThrow(message);
  });
});

describe("log-probabilities of samples", () => {
  test("are those of an uncached, unpadded model over the decided tokens", async () => {
    const samples = await sample(model, requests(), options);
    const flat = prompts.flatMap((prompt, index) =>
      samples[index]!.map((completion) => ({ prompt, completion })),
    );
    const found = policyLogps(task, model, flat);
    for (const [index, { prompt, completion }] of flat.slice(0, 4).entries()) {
      const expected = decisions(completion, task.forcedNext!(prompt)).reduce((sum, decided, place) => {
        const distribution = nextDistribution([...prompt.tokens, ...completion.slice(0, place)]);
        return decided ? sum + Math.log(distribution[completion[place]!]!) : sum;
      }, 0);
      expect(found[index]).toBeCloseTo(expected, 3);
    }
  });

  test("do not depend on which samples are scored together", async () => {
    const samples = await sample(model, requests(), options);
    const flat = prompts.flatMap((prompt, index) =>
      samples[index]!.map((completion) => ({ prompt, completion })),
    );
    const together = policyLogps(task, model, flat);
    fc.assert(
      fc.property(fc.shuffledSubarray([...flat.keys()], { minLength: 1 }), (chosen) => {
        const some = policyLogps(
          task,
          model,
          chosen.map((index) => flat[index]!),
        );
        chosen.forEach((index, place) => {
          expect(some[place]).toBeCloseTo(together[index]!, 3);
        });
      }),
      { numRuns: 10 },
    );
  });
});

describe("sampling at several temperatures", () => {
  const temperatures = [0, 1, 0.5];

  test.each([true, false])(
    "draws what sampling at each temperature draws (compiled %s)",
    async (compiled) => {
      const drawn = await sampleAtTemperatures(model, requests(), temperatures, { ...options, compiled });
      for (const [index, temperature] of temperatures.entries()) {
        const single = { ...options, completions: 1, temperature, compiled };
        const alone = await sample(model, requests(), single);
        expect(drawn.map(({ completions }) => [completions[index]])).toEqual(alone);
      }
    },
  );

  test("measures the entropies that reading the completions again gives", async () => {
    const drawn = await sampleAtTemperatures(model, requests(), temperatures, options);
    for (const [index, temperature] of temperatures.entries()) {
      if (temperature === 0) continue;
      const samples = prompts.map((prompt, row) => ({ prompt, completion: drawn[row]!.completions[index]! }));
      const entropies = drawn.flatMap((own) => own.entropies[index]!);
      const mean = entropies.reduce((sum, value) => sum + value, 0) / entropies.length;
      expect(mean).toBeCloseTo(policyEntropy(task, model, samples, temperature), 5);
    }
  });
});

describe("a vocabulary with ids that no token has", () => {
  const { size } = task.vocabulary;
  const used = unflatten(model.config, model.weights);
  /** The model with `more` ids, whose embeddings are those of the first ids and whose logits are far higher. */
  const padded = (more: number): Model => {
    const config = { ...model.config, vocab_size: size + more };
    const widened = (name: string, factor: number) => {
      const own = used[name]!;
      const extra = own.subarray(0, more * config.hidden_size).map((value) => value * factor);
      return Float32Array.of(...own, ...extra);
    };
    const weights = flatten(config, {
      ...used,
      "gpt_neox.embed_in.weight": widened("gpt_neox.embed_in.weight", 1),
      "embed_out.weight": widened("embed_out.weight", 50),
    });
    return { config, head: "language", weights };
  };

  test.each([
    ["greedy", 0, {}],
    ["greedy and eager", 0, { compiled: false }],
    ["at temperature 1", 1, {}],
    ["at temperature 1 by XLA", 1, { jit: true }],
  ])("is sampled as if they were not there: %s", async (_, temperature, how) => {
    const settings = { ...options, ...how, temperature };
    const plain = await sample(model, requests(), settings);
    const wide = padded(13);
    expect(await sample(wide, requests(), { ...settings, usedIds: size })).toEqual(plain);
    const unmasked = (await sample(wide, requests(), settings)).flat(2);
    expect(unmasked.some((id) => id >= size)).toBe(true);
  });

  test("has no share in the entropies of samples at several temperatures", async () => {
    const { completions: _, temperature: __, ...settings } = options;
    const plain = await sampleAtTemperatures(model, requests(), [0, 1], settings);
    const wide = await sampleAtTemperatures(padded(13), requests(), [0, 1], { ...settings, usedIds: size });
    expect(wide.map(({ completions }) => completions)).toEqual(plain.map(({ completions }) => completions));
    const entropies = (all: typeof plain) => all.flatMap((one) => one.entropies.flat());
    for (const [index, entropy] of entropies(plain).entries())
      expect(entropies(wide)[index]).toBeCloseTo(entropy, 5);
  });
});

describe("ids that the model lacks", () => {
  const last = model.config.vocab_size - 1;

  test.each([
    [
      "in a prompt",
      { prompt: [1, last + 1] },
      {},
      `The id ${last + 1} in prompt 0 is not in the model's vocabulary`,
    ],
    ["below 0", { prompt: [-1] }, {}, "The id -1 in prompt 0"],
    ["that are fractions", { prompt: [0.5] }, {}, "The id 0.5 in prompt 0"],
    ["as padding", { prompt: [1] }, { pad: last + 1 }, `The id ${last + 1} in the padding token`],
    ["as the end", { prompt: [1] }, { eos: 99_999 }, "The id 99999 in the end token"],
  ])("are refused: %s", async (_, request, changes, message) => {
    const settings = { ...options, ...changes, temperature: 0 };
    await expect(sample(model, [request], settings)).rejects.toThrow(`${message}`);
    await expect(sample(model, [request], settings)).rejects.toThrow(
      /whose ids run from 0 to \d+: use the tokenizer that belongs to the model\.$/,
    );
  });
});
