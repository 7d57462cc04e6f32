import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { collate } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import type { Network } from "../../src/models/decoder.ts";
import { logits, withNetwork } from "../../src/models/network.ts";
import { sample } from "../../src/models/sampling.ts";
import { tokenLogps } from "../../src/models/scoring.ts";
import { tf } from "../../src/tensors/backend.ts";
import { differentiate, expectClose, expectGradients, fixtureTensors, norm } from "../parity.ts";

/* A tiny random GPT-NeoX against transformers' (fixtures/make_neox.py). */

const fixtures = path.join(import.meta.dirname, "fixtures");
const tensorFile = path.join(fixtures, "neox.safetensors");
const record = JSON.parse(readFileSync(path.join(fixtures, "neox.json"), "utf8"));
const model = loadPolicy(path.join(fixtures, "neox"));

interface Rows {
  readonly tokens: number[][];
  readonly mask: number[][];
  readonly loss: number;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The mean cross-entropy of the tokens that follow a token of their own row. */
const meanLoss =
  ({ tokens, mask }: Rows, attentionOf: () => tf.Tensor2D | undefined) =>
  (net: Network) => {
    const ids = tf.tensor2d(tokens, undefined, "int32");
    const valid = tf.tensor2d(mask.map((row) => row.slice(1).map((flag, i) => flag * row[i]!)));
    const all = logits(net, ids, attentionOf()).slice([0, 0, 0], [-1, tokens[0]!.length - 1, -1]);
    const next = tf.oneHot(ids.slice([0, 1], [-1, -1]), model.config.vocab_size);
    const logps = tf.sum(tf.mul(tf.logSoftmax(all), next), -1);
    return tf.neg(tf.div(tf.sum(tf.mul(logps, valid)), tf.sum(valid))) as tf.Scalar;
  };

describe.each<[string, Rows]>([
  ["full", record.full],
  ["padded", record.padded],
])("a batch of %s rows", (name, { tokens, mask, loss }) => {
  const vocabulary = model.config.vocab_size;
  const width = tokens[0]!.length;
  const attentionOf = () => (name === "full" ? undefined : tf.tensor2d(mask));

  test("has transformers' logits at every token", () => {
    const before = tf.memory().numTensors;
    const found = withNetwork(model, (net) =>
      logits(net, tf.tensor2d(tokens, undefined, "int32"), attentionOf()),
    );
    const expected = fixtureTensors(tensorFile, `${name}/logits`)[""]!;
    const values = found.dataSync();
    found.dispose();
    expect(tf.memory().numTensors).toBe(before);
    for (const [row, flags] of mask.entries()) {
      for (const [column, flag] of flags.entries()) {
        if (flag === 0) continue;
        const at = (row * width + column) * vocabulary;
        const [own, other] = [values, expected].map((all) => all.subarray(at, at + vocabulary));
        expectClose(`logits of row ${row}, token ${column}`, own!, other!, 1e-5);
      }
    }
  });

  test("has transformers' loss and gradient of every parameter", () => {
    const found = differentiate(model, meanLoss({ tokens, mask, loss }, attentionOf));
    expectClose("loss", [found.loss], [loss], 1e-6);
    expectGradients(found.gradients, fixtureTensors(tensorFile, `${name}/gradients/`), 1e-5);
  });

  test("has the same gradients with a prefilled prompt", () => {
    const groups = tokens.map((row, index) => {
      const real = row.slice(mask[index]!.indexOf(1));
      return { prompt: real.slice(0, 1 + (index % 2)), completions: [real.slice(1 + (index % 2))] };
    });
    const inParts = differentiate(model, (net) => {
      const batch = collate(groups, 0);
      return tf.neg(tf.sum(tf.mul(tokenLogps(net, batch), batch.mask)));
    });
    const atOnce = differentiate(model, (net) => {
      const losses = groups.map(({ prompt, completions: [completion] }) => {
        const ids = [...prompt, ...completion!];
        const all = logits(net, tf.tensor2d([ids], undefined, "int32"));
        const own = all.slice([0, prompt.length - 1, 0], [1, completion!.length, -1]);
        return tf.sum(tf.mul(tf.logSoftmax(own), tf.oneHot([completion!], vocabulary)));
      });
      return tf.neg(tf.addN(losses)) as tf.Scalar;
    });
    expectClose("loss", [inParts.loss], [atOnce.loss], 1e-6);
    expectGradients(inParts.gradients, atOnce.gradients, 1e-5);
  });
});

describe("with products in", () => {
  const exact = fixtureTensors(tensorFile, "full/gradients/");
  /** How far gradients are from those in float64, relative to them. */
  const errorOf = (found: Record<string, ArrayLike<number>>) =>
    norm(
      Object.entries(exact).flatMap(([name, values]) =>
        Array.from(values, (one, index) => found[name]![index]! - one),
      ),
    ) / norm(Object.values(exact).map(norm));
  const differentiateIn = (precision: string) => {
    vi.stubEnv("ALLROADS_MATRIX_PRODUCTS", precision);
    const lossOf = meanLoss(record.full, () => undefined);
    return differentiate(model, lossOf);
  };

  test("bfloat16, gradients are as close to float32's as those of PyTorch's autocast", () => {
    const { loss, gradients } = differentiateIn("bfloat16");
    // make_precision.py
    const autocast = fixtureTensors(path.join(fixtures, "precision.safetensors"), "gradients/");
    expectClose("loss", [loss], [record.full.loss], 2e-3);
    expect(errorOf(gradients)).toBeLessThan(1.1 * errorOf(autocast));
  });

  test("TF32, gradients have errors between those of float32 and a quarter of bfloat16's", () => {
    const [float32, tf32, bfloat16] = ["float32", "tf32", "bfloat16"].map((precision) =>
      errorOf(differentiateIn(precision).gradients),
    ) as [number, number, number];
    expect(tf32).toBeGreaterThan(10 * float32);
    expect(tf32).toBeLessThan(bfloat16 / 4);
  });
});

describe("greedy decoding", () => {
  const { prompts, completions, pad, eos, max_new_tokens: maxTokens } = record.greedy;
  const options = { completions: 1, temperature: 0, maxTokens, eos, pad };
  const requests = (prompts as number[][]).map((prompt) => ({ prompt }));

  test("gives transformers' tokens up to each row's end", async () => {
    await sample(model, requests, options);
    const before = tf.memory().numTensors;
    const found = await sample(model, requests, options);
    expect(found.map(([completion]) => completion)).toEqual(completions);
    expect(tf.memory().numTensors).toBe(before);
    expect(new Set((completions as number[][]).map(({ length }) => length)).size).toBeGreaterThan(2);
  });

  test("gives them to every completion of a prompt, for all batch sizes", async () => {
    const expected = (completions as number[][]).map((completion) => [completion, completion]);
    for (const sequencesAtOnce of [2, 8, 1000]) {
      expect(await sample(model, requests, { ...options, completions: 2, sequencesAtOnce })).toEqual(
        expected,
      );
    }
  });
});
