import { afterEach, describe, expect, test, vi } from "vitest";
import { collate } from "../../src/models/batch.ts";
import { withNetwork } from "../../src/models/decoder.ts";
import { completionLogps } from "../../src/models/logps.ts";
import { device, tf } from "../../src/tensors/backend.ts";
import { dpoLoss } from "../../src/training/losses.ts";
import { adamW } from "../../src/training/optimizer.ts";
import { model } from "../laboratory.ts";

afterEach(() => vi.unstubAllEnvs());

describe("the backend", () => {
  test("is TensorFlow's library and reports its device", () => {
    const found = device();
    expect(tf.getBackend()).toBe("tensorflow");
    expect(["cpu", "cuda"]).toContain(found.kind);
    expect(found.name).not.toBe("");
    expect(found.tensorflow).toMatch(/^2\.\d+\.\d+/);
  });

  test.runIf(device().kind === "cpu")("throws if CUDA is requested and there is none", () => {
    vi.stubEnv("ALLROADS_DEVICE", "cuda");
    expect(() => device()).toThrow(
      /^ALLROADS_DEVICE=cuda asks for a CUDA card, but TensorFlow found none: .*\.$/,
    );
  });

  test("is shared with danfojs", async () => {
    const danfo = (await import("danfojs-node")) as unknown as { tensorflow: typeof tf };
    expect(danfo.tensorflow.engine()).toBe(tf.engine());
  });
});

describe("tensors of the caller", () => {
  test("are not disposed by losses, optimisers or networks", () => {
    const vector = () => tf.tensor1d([1, 2, 3]);
    const owned = [vector(), vector(), vector(), vector()] as const;
    const [weights, expAvg, expAvgSq, gradient] = owned;
    tf.tidy(() => {
      adamW({ weights, expAvg, expAvgSq }, gradient, 1, 0.1);
      dpoLoss({ policyChosen: weights, policyRejected: expAvg, referenceChosen: expAvgSq }, 0.1);
    });
    const batch = collate([{ prompt: [3, 4, 5], completions: [[6, 7], [8]] }], 0);
    const logps = withNetwork(model, (net) => completionLogps(net, batch));
    const { inputs, targets, mask, prompts } = batch;
    for (const tensor of [...owned, logps, inputs, targets, mask, prompts]) {
      expect(tensor?.isDisposed).toBe(false);
      tensor?.dispose();
    }
  });
});
