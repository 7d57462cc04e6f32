import { type Head, type NeoXConfig, parameterCount, parameterShapes, sizeOf } from "./gpt-neox.ts";

/** A model's parameters on the host, by Hugging Face name; linear weights are [out, in]. */
export type HostWeights = Record<string, Float32Array>;

/** Named parameters as one vector. Throws if one is missing or has another size. */
export function flatten(config: NeoXConfig, weights: HostWeights, head: Head = "language"): Float32Array {
  const flat = new Float32Array(parameterCount(config, head));
  let offset = 0;
  for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
    const values = weights[name];
    if (values?.length !== sizeOf(shape)) {
      throw new Error(
        `Parameter ${name} must hold ${sizeOf(shape)} numbers (shape [${shape}]), but ` +
          `${values === undefined ? "is missing" : `holds ${values.length}`}: give weights of this config.`,
      );
    }
    flat.set(values, offset);
    offset += values.length;
  }
  return flat;
}

/** A parameter of a model; `data` is a view into the model's flat weights. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model's parameters in the order of `parameterShapes`. */
export function namedParameters(config: NeoXConfig, flat: Float32Array, head: Head): NamedParameter[] {
  let offset = 0;
  return Object.entries(parameterShapes(config, head)).map(([name, shape]) => {
    const start = offset;
    offset += sizeOf(shape);
    return { name, shape, data: flat.subarray(start, offset) };
  });
}

/** The inverse of `flatten`: views into `flat`, by name. */
export function unflatten(config: NeoXConfig, flat: Float32Array, head: Head = "language"): HostWeights {
  return Object.fromEntries(namedParameters(config, flat, head).map(({ name, data }) => [name, data]));
}
