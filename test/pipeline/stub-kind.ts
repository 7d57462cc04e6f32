import { type NeoXConfig, parameterCount } from "../../src/models/gpt-neox.ts";
import type { PolicyStage } from "../../src/pipeline/stage.ts";
import type { StageKind } from "../../src/pipeline/stage-inputs.ts";
import type { MetricsRow } from "../../src/training/trainer.ts";
import { openCheckpoint } from "../../src/training/training-state.ts";

/*
 * Training stages that take microseconds: arithmetic on a few weights, with a checkpoint at every step. For tests that
 * compute the same stages hundreds of times. Such a test mocks src/pipeline/kinds.ts:
 *
 * vi.mock("../../src/pipeline/kinds.ts", async (original) => {
 *   const { withStubs } = await import("./stub-kind.ts");
 *   return withStubs(await original<typeof import("../../src/pipeline/kinds.ts")>());
 * });
 */

/** A stage of the stub's kind. */
export interface StubStage extends PolicyStage {
  readonly kind: "stub";
  readonly name: string;
}

const config: NeoXConfig = {
  vocab_size: 4,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  intermediate_size: 4,
  max_position_embeddings: 4,
  rotary_pct: 0.5,
  rotary_emb_base: 10_000,
  layer_norm_eps: 1e-5,
};
const size = parameterCount(config);
const STEPS = 2;

const stub: StageKind<StubStage> = {
  kind: "stub",
  async run({ name, policy }, inputs) {
    const { checkpoint: file, onStep, signal } = inputs.training();
    const model = { config, head: "language" as const, weights: new Float32Array(size) };
    const checkpoint = openCheckpoint(file!, model, { name });
    const start = policy && inputs.read(policy).model.weights;
    const state = checkpoint.load() ?? {
      weights: Float32Array.from(model.weights, (_, index) => (start?.[index] ?? 0) + name.length + index),
      expAvg: new Float32Array(size),
      expAvgSq: new Float32Array(size),
      metrics: [] as MetricsRow[],
    };
    const [weights, expAvg, expAvgSq] = [state.weights, state.expAvg, state.expAvgSq] as Float32Array[] as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { metrics } = state;
    while (metrics.length < STEPS) {
      if (signal?.aborted) throw new Error("The stub was stopped.");
      for (const index of weights.keys()) {
        expAvg[index] = 0.9 * expAvg[index]! + Math.sin(weights[index]!);
        expAvgSq[index] = 0.5 * expAvgSq[index]! + expAvg[index]! ** 2;
        weights[index]! -= expAvg[index]! / (1 + expAvgSq[index]!);
      }
      metrics.push({ step: metrics.length + 1, loss: weights[0]! });
      checkpoint.save(state);
      onStep?.(metrics.at(-1)!, STEPS);
    }
    return { model: { ...model, weights }, metrics };
  },
  record: ({ metrics }) => ({ metrics }),
  cost: () => 1,
};

/** The kinds of stages, and the stub. */
export function withStubs<K extends object>(kinds: K): K {
  return { ...kinds, stub };
}
