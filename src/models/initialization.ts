import { normal, type RandomStream } from "../tensors/random.ts";
import { type Model, type NeoXConfig, vectorsOf } from "./gpt-neox.ts";
import { copyOf, fillVectors, unflatten } from "./named-weights.ts";

/**
 * A randomly initialised language model with d hidden dimensions and L layers. Standard deviations: 0.1 for the
 * embedding, 0.05 for the unembedding, 1 / (L sqrt(d)) for the linear maps that write to the residual stream and
 * sqrt(2 / 5d) for the others (Nguyen and Salazar, arXiv 1910.05895). Biases are 0, layer norm weights 1.
 */
export function initialModel(config: NeoXConfig, stream: RandomStream): Model {
  const { hidden_size: hidden, num_hidden_layers: layers } = config;
  const deviation = (name: string): number => {
    if (name.endsWith("embed_in.weight")) return 0.1;
    if (name.endsWith("embed_out.weight")) return 0.05;
    if (/(attention\.dense|dense_4h_to_h)\.weight$/.test(name)) return 1 / (layers * Math.sqrt(hidden));
    return Math.sqrt(2 / (5 * hidden));
  };
  const fill = (name: string, _: readonly number[], into: Float32Array) => {
    if (name.endsWith("bias")) return;
    if (/norm\.weight$/.test(name)) into.fill(1);
    else for (let index = 0; index < into.length; index++) into[index] = deviation(name) * normal(stream);
  };
  return { config, head: "language", ...fillVectors(config, "language", fill) };
}

/**
 * A reward model initialised from a policy or a model without a head: a scalar head replaces it, with standard deviation
 * 1 / sqrt(d + 1), d the hidden size (Stiennon et al., arXiv 2009.01325).
 */
export function rewardModelFrom(policy: Model, stream: RandomStream): Model {
  const { config, head } = policy;
  const deviation = 1 / Math.sqrt(config.hidden_size + 1);
  const trunk = unflatten(config, vectorsOf(policy), head);
  const score = Float32Array.from({ length: config.hidden_size }, () => deviation * normal(stream));
  const fill = copyOf({ ...trunk, "score.weight": score });
  return { config, head: "reward", ...fillVectors(config, "reward", fill) };
}
