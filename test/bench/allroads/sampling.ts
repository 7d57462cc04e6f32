import { type SamplingOptions, sample } from "../../../src/models/sampling.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import type { Workload } from "./data.ts";
import { BEST_OF } from "./sizes.ts";
import type { Runner } from "./training.ts";

/** What each runner's name means to `sample`. */
export const samplers: Record<string, Partial<SamplingOptions>> = {
  eager: { compiled: false },
  compiled: { compiled: true },
};

/** No token: completions go on to their full length. */
const NEVER = -1;

/** Sampling all of a workload's completions, at temperature 1 or, for a check, 0. */
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
