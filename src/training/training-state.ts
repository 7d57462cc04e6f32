import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { fileChunks } from "../files/file-digest.ts";
import { readRegularFile } from "../files/file-system.ts";
import { type Model, parameterCount, parameterShapes } from "../models/gpt-neox.ts";
import { fillVectors, namedParameters } from "../models/named-weights.ts";
import { decodeSafetensors, type StoredTensor, safetensorsParts, writeParts } from "../models/safetensors.ts";
import { openSafetensors } from "../models/safetensors-file.ts";
import type { HostState, MetricsRow } from "./trainer.ts";

/** Everything needed to resume training; the step is the number of metric rows. */
export interface TrainingState extends HostState {
  readonly metrics: MetricsRow[];
}

const PARTS = { weights: "", expAvg: "exp_avg.", expAvgSq: "exp_avg_sq." } as const;

/** Settings as text that is equal for equal settings: functions by their source, typed arrays by their hash. */
export function identityText(settings: unknown): string {
  return JSON.stringify(settings, (_, value: unknown) => {
    if (typeof value === "function") return String(value);
    if (!ArrayBuffer.isView(value)) return value;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return sha256(bytes);
  });
}

/** A checkpoint file that training resumes from if it exists, and saves to. */
export interface CheckpointFile {
  readonly file: string;
  /** Names the run. A checkpoint of another run is not used, even if it has the same settings. */
  readonly run?: string;
  /**
   * Called with the reason if the file cannot be used, and must take it away: training then starts at step 0. Without
   * it training throws an error.
   */
  readonly onUnusable?: (reason: string) => void;
}

/** A run's checkpoint: `load` gives undefined if there is none. */
export interface Checkpoint {
  load(): TrainingState | undefined;
  /** Whether one is due after this step: at multiples of `every`, and a minute after the file was saved or opened. */
  isDue(step: number, every: number): boolean;
  save(state: TrainingState): void;
}

/** The checkpoint of a model's training in a file. `settings` and the seed in them determine all randomness of the run. */
export function openCheckpoint(given: string | CheckpointFile, model: Model, settings: object): Checkpoint {
  const { file, run, onUnusable }: CheckpointFile = typeof given === "string" ? { file: given } : given;
  const identity = identityText(run === undefined ? settings : { ...settings, run });
  let saved = performance.now();
  return {
    isDue: (step, every) => step % every === 0 || performance.now() - saved >= LONGEST_LOSS,
    save(state) {
      writeParts(file, encodeTrainingState(model, identity, state));
      saved = performance.now();
    },
    load() {
      if (!existsSync(file)) return undefined;
      const most = 16 * parameterCount(model.config, model.head) + MOST_METADATA;
      try {
        return readTrainingState(file, most, model, identity);
      } catch (error) {
        const { message } = error as Error;
        if (onUnusable === undefined)
          throw new Error(
            `The checkpoint ${file} cannot be used (${message}): remove it or choose another file.`,
          );
        onUnusable(message);
        return undefined;
      }
    },
  };
}

/**
 * A training state as the pieces of a safetensors file: the weights under their Hugging Face names, AdamW's moments under the
 * same names prefixed with `exp_avg.` and `exp_avg_sq.`, and as metadata the run's `identity`, the metrics so far, and the
 * SHA-256 of the file with zeros in place of this digest.
 */
function encodeTrainingState({ config, head }: Model, identity: string, state: TrainingState): Uint8Array[] {
  const tensors: Record<string, StoredTensor> = {};
  for (const [part, prefix] of Object.entries(PARTS)) {
    for (const { name, shape, data } of namedParameters(config, state[part as keyof typeof PARTS], head)) {
      tensors[prefix + name] = { dtype: "F32", shape, data };
    }
  }
  const metadata = { [DIGEST]: BLANK, identity, metrics: JSON.stringify(state.metrics) };
  const parts = safetensorsParts(tensors, metadata);
  digestPlace(parts[0]!).set(Buffer.from(digestOf(parts)));
  return parts;
}

/** Tensors and metadata of a checkpoint whose digest has been checked. */
interface CheckpointContents {
  readonly metadata: Readonly<Record<string, string>>;
  /** The shape of a tensor, and a function that copies its numbers; undefined if there is none of that name. */
  tensor(name: string): { shape: readonly number[]; copyTo(into: Float32Array): void } | undefined;
}

/** Throws if the file is not as it was written, longer than `most` bytes, or of another run or model. */
function readTrainingState(file: string, most: number, model: Model, identity: string): TrainingState {
  const stats = statSync(file);
  if (!stats.isFile() || stats.size <= SMALL || stats.size > most)
    return trainingState(decoded(readRegularFile(file, most)), model, identity);
  if (digestOf(blanked(fileChunks(file))) !== writtenDigest(fileChunks(file))) throw new Error(CHANGED);
  const open = openSafetensors(file);
  try {
    const places = new Map(open.places.map((place) => [place.name, place]));
    const tensor: CheckpointContents["tensor"] = (name) => {
      const place = places.get(name);
      return place && { shape: place.shape, copyTo: (into) => open.readFloats(place, into) };
    };
    return trainingState({ metadata: open.metadata, tensor }, model, identity);
  } finally {
    open.close();
  }
}

/** The contents of a small checkpoint. Throws if its bytes do not match their digest. Changes `bytes`. */
function decoded(bytes: Uint8Array): CheckpointContents {
  if (writtenDigest([bytes]) !== digestOf(blanked([bytes]))) throw new Error(CHANGED);
  const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint");
  return {
    metadata,
    tensor: (name) => {
      const { data, shape } = tensors[name] ?? {};
      if (!(data instanceof Float32Array) || shape === undefined) return undefined;
      return { shape, copyTo: (into) => into.set(data) };
    },
  };
}

function trainingState(
  { metadata, tensor }: CheckpointContents,
  { config, head }: Model,
  identity: string,
): TrainingState {
  if (metadata.identity !== identity) throw new Error("it is of a run with other settings");
  const part = (prefix: string) => {
    for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
      const found = tensor(prefix + name);
      if (found !== undefined && String(found.shape) === String(shape)) continue;
      throw new Error(
        `it is of another model: ${prefix + name} has shape [${found?.shape}] instead of [${shape}]`,
      );
    }
    const { weights, further } = fillVectors(config, head, (name, _shape, into) =>
      tensor(prefix + name)!.copyTo(into),
    );
    return further === undefined ? weights : [weights, ...further];
  };
  return {
    weights: part(PARTS.weights),
    expAvg: part(PARTS.expAvg),
    expAvgSq: part(PARTS.expAvgSq),
    metrics: JSON.parse(metadata.metrics ?? "[]") as MetricsRow[],
  };
}

const MOST_METADATA = 2 ** 28;
/** Up to this many bytes a checkpoint is read at once, since one read is faster than many. */
const SMALL = 2 ** 26;
/** Milliseconds of training without a checkpoint: what is lost, with one step, if the process is killed. */
const LONGEST_LOSS = 60_000;
const DIGEST = "digest";
const BLANK = "0".repeat(64);
const CHANGED = "it does not match its digest";

/** Where a checkpoint holds its digest: first in the header, as metadata is sorted by name. */
function digestPlace(bytes: Uint8Array): Uint8Array {
  const before = `{"__metadata__":{"${DIGEST}":"`.length + 8;
  return bytes.subarray(before, before + BLANK.length);
}

/** The digest that the first of a checkpoint's pieces holds. */
function writtenDigest(pieces: Iterable<Uint8Array>): string {
  for (const piece of pieces) return Buffer.from(digestPlace(piece)).toString();
  return "";
}

/** Pieces of a checkpoint with zeros in place of the digest, which the first one holds whole. Changes it. */
function* blanked(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let isFirst = true;
  for (const piece of pieces) {
    const place = digestPlace(piece);
    if (isFirst) place.set(Buffer.from(BLANK).subarray(0, place.length));
    isFirst = false;
    yield piece;
  }
}

function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

const sha256 = (bytes: Uint8Array): string => digestOf([bytes]);
