import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { collate } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import type { Network } from "../../src/models/decoder.ts";
import { logits, withNetwork } from "../../src/models/network.ts";
import { sample } from "../../src/models/sampling.ts";
import { tokenLogps } from "../../src/models/scoring.ts";
import { tf } from "../../src/tensors/backend.ts";
import { differentiate, expectClose, expectGradients, fixtureTensors } from "../parity.ts";

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
    const meanLoss = (net: Network) => {
      const ids = tf.tensor2d(tokens, undefined, "int32");
      const valid = tf.tensor2d(mask.map((row) => row.slice(1).map((flag, i) => flag * row[i]!)));
      const all = logits(net, ids, attentionOf()).slice([0, 0, 0], [-1, width - 1, -1]);
      const next = tf.oneHot(ids.slice([0, 1], [-1, -1]), vocabulary);
      const logps = tf.sum(tf.mul(tf.logSoftmax(all), next), -1);
      return tf.neg(tf.div(tf.sum(tf.mul(logps, valid)), tf.sum(valid))) as tf.Scalar;
    };
    const found = differentiate(model, meanLoss);
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
