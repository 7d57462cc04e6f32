import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Activation, activations } from "../../src/models/activations.ts";
import { collate } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import { forward, type Network } from "../../src/models/decoder.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { withNetwork } from "../../src/models/network.ts";
import { sample } from "../../src/models/sampling.ts";
import { globalScorer } from "../../src/models/scorers.ts";
import { groupLogps, tokenLogps } from "../../src/models/scoring.ts";
import type { Task } from "../../src/tasks/task.ts";
import { tf } from "../../src/tensors/backend.ts";
import { differentiate, expectClose, expectGradients, fixtureTensors, norm } from "../parity.ts";
import { SAVED, savedBytes, saveModels } from "./saved-models.ts";

/* Tiny models of every kind of GPT-NeoX against transformers (fixtures/make_neox_family.py). */

const fixtures = path.join(import.meta.dirname, "fixtures");
const tensorFile = path.join(fixtures, "neox-family.safetensors");
const record = JSON.parse(readFileSync(path.join(fixtures, "neox-family.json"), "utf8"));
const { rows, prompts, pad, eos } = record as {
  rows: number[][];
  prompts: number[][];
  pad: number;
  eos: number;
};
const open = (name: string) => loadPolicy(path.join(fixtures, "neox-family", name));

interface Expected {
  readonly logps: number[][];
  readonly loss: number;
  readonly greedy: number[][];
}

const groups = rows.map(([first, ...rest]) => ({ prompt: [first!], completions: [rest] }));

/** The log-probabilities of the rows' tokens after their first. */
function logpsOf(model: Model): number[] {
  const found = withNetwork(model, (net) => tokenLogps(net, collate(groups, pad)));
  const values = found.arraySync() as number[][];
  found.dispose();
  return rows.flatMap(({ length }, row) => values[row]!.slice(0, length - 1));
}

const meanLoss = (net: Network) => {
  const batch = collate(groups, pad);
  const sum = tf.sum(tf.mul(tokenLogps(net, batch), batch.mask));
  return tf.neg(tf.div(sum, tf.sum(batch.mask))) as tf.Scalar;
};

describe.each(Object.entries(record.models as Record<string, Expected>))(
  "the model %s",
  (name, { logps, loss, greedy }) => {
    const model = open(name);

    test("has transformers' log-probabilities", () => {
      expectClose("log-probabilities", logpsOf(model), logps.flat(), 2e-6);
    });

    test("has transformers' loss and gradient of every parameter", () => {
      const found = differentiate(model, meanLoss);
      expectClose("loss", [found.loss], [loss], 1e-6);
      expectGradients(found.gradients, fixtureTensors(tensorFile, `${name}/`), 2e-6);
    });

    test("gives transformers' greedy tokens", async () => {
      const requests = prompts.map((prompt) => ({ prompt }));
      const options = { completions: 1, temperature: 0, maxTokens: 10, eos, pad };
      expect((await sample(model, requests, options)).flat()).toEqual(greedy);
    });

    test("computes the same in several vectors, none longer than its largest tensor", () => {
      const longest = 20 * 60;
      const parts = loadPolicy(path.join(fixtures, "neox-family", name), longest);
      expect(parts.further!.length).toBeGreaterThan(3);
      for (const vector of [parts.weights, ...parts.further!])
        expect(vector.length).toBeLessThanOrEqual(longest);
      expect(logpsOf(parts)).toEqual(logpsOf(model));
      expect(groupLogps(parts, groups, pad)).toEqual(groupLogps(model, groups, pad));
      expect(groupLogps(parts, Array(9).fill(groups[0]), pad)).toEqual(
        groupLogps(model, Array(9).fill(groups[0]), pad),
      );
    });
  },
);

describe("the activation", () => {
  const model = open("activations");
  const inner = "gpt_neox.layers.0.mlp.dense_h_to_4h.weight";

  test.each(Object.entries(record.activations as Record<string, Expected>))(
    "%s is transformers', with its gradient",
    (act, { logps, loss }) => {
      const { hidden_act: _, ...config } = model.config;
      const own: Model = { ...model, config: { ...config, hidden_act: act as Activation } };
      expectClose("log-probabilities", logpsOf(own), logps.flat(), 2e-6);
      const found = differentiate(own, meanLoss);
      expectClose("loss", [found.loss], [loss], 1e-6);
      const expected = fixtureTensors(tensorFile, `activation ${act}/`)[inner]!;
      expect(norm(expected)).toBeGreaterThan(0.01);
      expectClose("gradient", found.gradients[inner]!, expected, 2e-6);
    },
  );

  test("is compared for every name that is supported", () => {
    expect(Object.keys(record.activations).concat("gelu").sort()).toEqual(Object.keys(activations).sort());
  });
});

/** The sums of the first row's hidden states. */
function statesOf(model: Model): Float32Array {
  const states = withNetwork(model, (net) =>
    tf.sum(forward(net, tf.tensor3d([[rows[0]!]], undefined, "int32")), 1),
  );
  const values = states.dataSync() as Float32Array;
  states.dispose();
  return values;
}

describe("a model without a head", () => {
  const base = open("base");

  test("has transformers' hidden states", () => {
    expect(base.head).toBe("none");
    expectClose("states", statesOf(base), record.base, 2e-6);
  });

  test("gives no log-probabilities", () => {
    expect(() => groupLogps(base, groups, pad)).toThrow("The model has no parameter embed_out.weight");
  });
});

/** The rows with the end token, as completions of their first token. */
const samples = (record.ended as number[][]).map(([first, ...completion]) => ({
  prompt: { tokens: [first!] },
  completion,
}));
const task = { vocabulary: { size: 23, pad, eos } } as Task;

describe("a reward model", () => {
  test.each(Object.entries(record.rewards as Record<string, number[]>))(
    "gives transformers' rewards: %s",
    (name, rewards) => {
      const model = open(name);
      expect(model.head).toBe("reward");
      expectClose("rewards", globalScorer(task, model)(samples), rewards, 2e-6);
    },
  );

  test("whose padding is its end token is scored at the token before the end, as there", () => {
    const model = open("reward-pad-is-eos");
    const short = samples.map(({ prompt, completion }) => ({ prompt, completion: completion.slice(0, -1) }));
    expect(globalScorer(task, model)(short)).toEqual(globalScorer(task, model)(samples));
    expect(globalScorer(task, open("reward"))(short)).not.toEqual(
      globalScorer(task, open("reward"))(samples),
    );
  });
});

describe("a folder that is saved here", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "saved models "));
  afterAll(() => rmSync(folder, { recursive: true }));
  saveModels(folder, fixtures);
  const found = JSON.parse(readFileSync(path.join(fixtures, "saved.json"), "utf8"));

  test.each(Object.keys(SAVED))("opens in transformers with the same numbers: %s", (name) => {
    const { "config.json": config, "model.safetensors": weights, ...numbers } = found[name];
    const digests = savedBytes(path.join(folder, name)).map((bytes) =>
      createHash("sha256").update(bytes).digest("hex"),
    );
    // transformers was run on these bytes (fixtures/make_saved.py).
    expect(digests).toEqual([config, weights]);
    const model = loadPolicy(path.join(folder, name));
    if (numbers.logps) expectClose("log-probabilities", logpsOf(model), numbers.logps.flat(), 2e-6);
    else if (numbers.states) expectClose("states", statesOf(model), numbers.states, 2e-6);
    else expectClose("rewards", globalScorer(task, model)(samples), numbers.rewards, 2e-6);
  });

  test("gives the rewards of a batch too, unless padding could not be told from the end", () => {
    for (const name of ["reward", "scalar-model"])
      expectClose(name, found[name].batch, found[name].rewards, 1e-9);
    expect(found["reward with padding as its end"].batch).toBe(
      "Cannot handle batch sizes > 1 if no padding token is defined.",
    );
  });
});
