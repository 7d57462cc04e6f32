import {
  type Head,
  LONGEST_VECTOR,
  type Model,
  type NeoXConfig,
  oneVector,
  parameterShapes,
  sizeOf,
} from "./gpt-neox.ts";

/** A model's parameters on the host, by Hugging Face name; linear weights are [out, in]. */
export type HostWeights = Record<string, Float32Array>;

/**
 * The vectors of a model's parameters, which `fill` writes: one, or as few of at most `longest` elements as hold its
 * tensors whole, in the order of `parameterShapes`.
 */
export function fillVectors(
  config: NeoXConfig,
  head: Head,
  fill: (name: string, shape: readonly number[], into: Float32Array) => void,
  longest = LONGEST_VECTOR,
): Pick<Model, "weights" | "further"> {
  const vectors = vectorShapes(config, head, longest);
  const [weights = new Float32Array(0), ...further] = vectors.map(({ size, members }) => {
    const vector = new Float32Array(size);
    let offset = 0;
    for (const [name, shape] of members) {
      fill(name, shape, vector.subarray(offset, offset + sizeOf(shape)));
      offset += sizeOf(shape);
    }
    return vector;
  });
  return { weights, ...(further.length > 0 && { further }) };
}

/** A vector of parameters: how many it holds, and the names and shapes of its tensors. */
interface VectorShape {
  size: number;
  readonly members: [name: string, shape: number[]][];
}

/** `MemorySavings.updateChunk` by default: the optimiser's temporary vectors take up to 200 MB then. */
const UPDATE_CHUNK = 2 ** 24;

/** The vectors of at most `longest` elements, or of one tensor, that hold a model's parameters in their order. */
export function vectorShapes(config: NeoXConfig, head: Head, longest = UPDATE_CHUNK): VectorShape[] {
  const vectors: VectorShape[] = [];
  for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
    const size = sizeOf(shape);
    const last = vectors.at(-1);
    if (last !== undefined && last.size + size <= longest) {
      last.size += size;
      last.members.push([name, shape]);
    } else vectors.push({ size, members: [[name, shape]] });
  }
  return vectors;
}

/** Named parameters as one vector. Throws if one is missing or has another size. */
export function flatten(config: NeoXConfig, weights: HostWeights, head: Head = "language"): Float32Array {
  return oneVector(fillVectors(config, head, copyOf(weights)));
}

/** Writes named parameters into a model's vectors. Throws if one is missing or has another size. */
export const copyOf =
  (weights: HostWeights) =>
  (name: string, shape: readonly number[], into: Float32Array): void => {
    const values = weights[name];
    if (values?.length !== into.length) {
      throw new Error(
        `Parameter ${name} must hold ${into.length} numbers (shape [${shape}]), but ` +
          `${values === undefined ? "is missing" : `holds ${values.length}`}: give weights of this config.`,
      );
    }
    into.set(values);
  };

/** A parameter of a model; `data` is a view into the model's vectors. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model's parameters, in one vector or several, in the order of `parameterShapes`. */
export function namedParameters(
  config: NeoXConfig,
  flat: Float32Array | readonly Float32Array[],
  head: Head,
): NamedParameter[] {
  const vectors = flat instanceof Float32Array ? [flat] : flat;
  let [index, offset] = [0, 0];
  return Object.entries(parameterShapes(config, head)).map(([name, shape]) => {
    if (offset === vectors[index]!.length && index + 1 < vectors.length) [index, offset] = [index + 1, 0];
    const start = offset;
    offset += sizeOf(shape);
    return { name, shape, data: vectors[index]!.subarray(start, offset) };
  });
}

/** The inverse of `flatten`: views into the vectors, by name. */
export function unflatten(
  config: NeoXConfig,
  flat: Float32Array | readonly Float32Array[],
  head: Head = "language",
): HostWeights {
  return Object.fromEntries(namedParameters(config, flat, head).map(({ name, data }) => [name, data]));
}
