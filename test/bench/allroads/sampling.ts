import { type SamplingOptions, sample } from "../../../src/models/sampling.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import type { Workload } from "./data.ts";
import { BEST_OF } from "./sizes.ts";
import type { Runner } from "./training.ts";

/** The options of `sample` by runner. */
export const samplers: Record<string, Partial<SamplingOptions>> = {
  eager: { compiled: false },
  // As in stages that draw many sequences.
  compiled: { compiled: true, jit: true },
};

/** An end token that is never sampled, so that every completion has the full length. */
const NEVER = -1;

/** Samples all completions of a workload, at temperature 1, or 0 for a check. */
export function samplingRunner(
  work: "sample" | "generate",
  { model, prompts, pad, size }: Workload,
  runner: string,
  temperature: number,
): Runner {
  const completions = work === "sample" ? size.sample.completions : BEST_OF;
  const options = { completions, temperature, maxTokens: size.sample.tokens, eos: NEVER, pad };
  const requests = prompts.map((prompt, index) => ({
    prompt,
    stream: randomStream(0, "bench", "sample", index),
  }));
  return {
    run: async (steps) => {
      let samples: number[][][] = [];
      for (let step = 0; step < steps; step++) {
        samples = await sample(model, requests, { ...options, ...samplers[runner] });
      }
      return samples.flat(2);
    },
    dispose() {},
  };
}
