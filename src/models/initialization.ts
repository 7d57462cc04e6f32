import { normal, type RandomStream } from "../tensors/random.ts";
import { type Model, type NeoXConfig, parameterShapes, sizeOf } from "./gpt-neox.ts";
import { flatten, type HostWeights, unflatten } from "./named-weights.ts";

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
  const weights: HostWeights = {};
  for (const [name, shape] of Object.entries(parameterShapes(config))) {
    const constant = name.endsWith("bias") ? 0 : /norm\.weight$/.test(name) ? 1 : undefined;
    weights[name] = Float32Array.from({ length: sizeOf(shape) }, () =>
      constant === undefined ? deviation(name) * normal(stream) : constant,
    );
  }
  return { config, head: "language", weights: flatten(config, weights) };
}

/**
 * A reward model initialised from a policy: the unembedding is replaced by a scalar head with standard deviation
 * 1 / sqrt(d + 1), d the hidden size (Stiennon et al., arXiv 2009.01325).
 */
export function rewardModelFrom({ config, weights }: Model, stream: RandomStream): Model {
  const deviation = 1 / Math.sqrt(config.hidden_size + 1);
  const { "embed_out.weight": _, ...trunk } = unflatten(config, weights);
  const score = Float32Array.from({ length: config.hidden_size }, () => deviation * normal(stream));
  return {
    config,
    head: "reward",
    weights: flatten(config, { ...trunk, "score.weight": score }, "reward"),
  };
}
