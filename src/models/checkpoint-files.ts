import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { parseJson } from "../files/json.ts";
import { quoted } from "../files/quoted.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors-file.ts";
import type { TensorPlace } from "./safetensors-header.ts";

/* The files of a model's folder that hold its weights: one, or shards with an index, as transformers writes them. */

/** A model's settings. */
export const CONFIG = "config.json";
/** Its weights, if they are in one file. */
export const WEIGHTS = "model.safetensors";
/** Which shard holds which tensor, if they are in several. */
export const INDEX = "model.safetensors.index.json";

/** A tensor of an open file. */
export interface StoredPlace {
  readonly file: SafetensorsFile;
  readonly place: TensorPlace;
}

/** The tensors of a folder, by their stored names, in files that the caller closes. */
export interface WeightFiles {
  /** The file that errors about all of them name: the only one, or the index. */
  readonly name: string;
  /** Their size together, in bytes. */
  readonly bytes: number;
  readonly tensors: ReadonlyMap<string, StoredPlace>;
  close(): void;
}

/**
 * Paths of the files that make up a model in `folder`: config.json, the index if there are shards, and the weights.
 * Throws if one is missing, the index is not in the format, or there is a single file besides the shards of an index.
 */
export function checkpointFiles(folder: string): string[] {
  const at = (name: string) => path.join(folder, name);
  const needed = (name: string) => {
    if (existsSync(at(name))) return at(name);
    throw new Error(`${at(name)} is missing: ${adviceFor(folder)}`);
  };
  const config = needed(CONFIG);
  if (!existsSync(at(INDEX))) return [config, needed(WEIGHTS)];
  const shards = new Set(Object.values(readIndex(at(INDEX))));
  if (existsSync(at(WEIGHTS)) && (shards.size > 1 || !shards.has(WEIGHTS))) {
    throw new Error(`${at(WEIGHTS)}: ${INDEX} names other files; remove this one or the index.`);
  }
  return [config, at(INDEX), ...[...shards].sort().map(needed)];
}

function adviceFor(folder: string): string {
  const pickles = ["pytorch_model.bin", "pytorch_model.bin.index.json"];
  if (pickles.some((name) => existsSync(path.join(folder, name)))) {
    return (
      "the folder's pytorch_model.bin is a pickle, which can run code and is not read; save the model with " +
      "safe_serialization."
    );
  }
  return `give a folder that holds a GPT-NeoX ${CONFIG} and ${WEIGHTS} or its shards.`;
}

/** Opens the weights of a folder. Throws as `checkpointFiles` does, or if index and shards disagree about a tensor. */
export function openWeights(folder: string): WeightFiles {
  const names = checkpointFiles(folder).slice(1);
  const isSharded = names[0] === path.join(folder, INDEX);
  const opened: SafetensorsFile[] = [];
  const close = () => {
    for (const file of opened) file.close();
  };
  try {
    const tensors = new Map<string, StoredPlace>();
    const index = isSharded ? new Map(Object.entries(readIndex(names[0]!))) : undefined;
    for (const name of isSharded ? names.slice(1) : names) {
      const file = openSafetensors(name);
      opened.push(file);
      for (const place of file.places) {
        const indexed = index?.get(place.name);
        if (index !== undefined && indexed !== path.basename(name)) {
          throw new Error(
            `${name}: tensor ${quoted(place.name)} is in this file, and ${INDEX} ` +
              `${indexed === undefined ? "does not list it" : `says it is in ${indexed}`}; take all files from one model.`,
          );
        }
        tensors.set(place.name, { file, place });
      }
    }
    for (const [tensor, shard] of index ?? []) {
      if (tensors.has(tensor)) continue;
      const file = path.join(folder, shard);
      throw new Error(
        `${file}: tensor ${quoted(tensor)} is missing, and ${INDEX} says it is in this file; take all files from one model.`,
      );
    }
    const bytes = opened.reduce((sum, { name }) => sum + statSync(name).size, 0);
    return { name: names[0]!, bytes, tensors, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The longest index in bytes. */
const LONGEST_INDEX = 64_000_000;

/** An index's `weight_map`: file names by tensor. Throws if it is not in the format or a name leads out of the folder. */
function readIndex(file: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = parseJson(readUtf8(file, LONGEST_INDEX));
  } catch (error) {
    throw new Error(
      `${file}: the index of the weights cannot be read as JSON (${(error as Error).message}).`,
    );
  }
  const map: unknown = Object(parsed).weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new Error(`${file}: the index should have a weight_map of file names by tensor.`);
  }
  for (const name of Object.values(map)) {
    if (typeof name === "string" && /^[\w-][\w.-]*\.safetensors$/.test(name)) continue;
    throw new Error(
      `${file}: the index names ${quoted(name)}, which is not a .safetensors file of its folder.`,
    );
  }
  return map as Record<string, string>;
}
