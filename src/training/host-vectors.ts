import type { Model } from "../models/gpt-neox.ts";
import { fillVectors, namedParameters } from "../models/named-weights.ts";

/** Parameters on the host: a vector, or several as `namedParameters` takes them. */
export type HostVectors = Float32Array | readonly Float32Array[];

/**
 * Parameters in the vectors of training, of these `sizes`: views where the given vectors hold them in one piece. Undefined
 * for zeros.
 */
export function divided(
  given: HostVectors | undefined,
  sizes: readonly number[],
): (Float32Array | undefined)[] {
  if (given === undefined) return sizes.map(() => undefined);
  const source = given instanceof Float32Array ? [given] : given;
  let [from, offset] = [0, 0];
  return sizes.map((size) => {
    const pieces: Float32Array[] = [];
    for (let missing = size; missing > 0; missing -= pieces.at(-1)!.length) {
      if (offset === source[from]!.length) [from, offset] = [from + 1, 0];
      pieces.push(source[from]!.subarray(offset, offset + missing));
      offset += pieces.at(-1)!.length;
    }
    if (pieces.length === 1) return pieces[0];
    const joined = new Float32Array(size);
    let end = 0;
    for (const piece of pieces) {
      joined.set(piece, end);
      end += piece.length;
    }
    return joined;
  });
}

/** A model with these weights. */
export function modelOf({ config, head }: Model, weights: HostVectors): Model {
  if (weights instanceof Float32Array) return { config, head, weights };
  const named = namedParameters(config, weights, head).values();
  const vectors = fillVectors(config, head, (_name, _shape, into) => into.set(named.next().value!.data));
  return { config, head, ...vectors };
}
