import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readRegularFile } from "../files/file-system.ts";
import { type Model, parameterCount, parameterShapes } from "../models/gpt-neox.ts";
import { flatten, namedParameters } from "../models/named-weights.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../models/safetensors.ts";
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
      writeFileAtomically(file, encodeTrainingState(model, identity, state));
      saved = performance.now();
    },
    load() {
      if (!existsSync(file)) return undefined;
      const most = 16 * parameterCount(model.config, model.head) + MOST_METADATA;
      try {
        return decodeTrainingState(readRegularFile(file, most), model, identity);
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
 * A training state as a safetensors file: the weights under their Hugging Face names, AdamW's moments under the same
 * names prefixed with `exp_avg.` and `exp_avg_sq.`, and as metadata the run's `identity`, the metrics so far, and the
 * SHA-256 of the file with zeros in place of this digest.
 */
function encodeTrainingState({ config, head }: Model, identity: string, state: TrainingState): Uint8Array {
  const tensors: Record<string, StoredTensor> = {};
  for (const [part, prefix] of Object.entries(PARTS)) {
    for (const { name, shape, data } of namedParameters(config, state[part as keyof typeof PARTS], head)) {
      tensors[prefix + name] = { dtype: "F32", shape, data };
    }
  }
  const metadata = { [DIGEST]: BLANK, identity, metrics: JSON.stringify(state.metrics) };
  const bytes = encodeSafetensors(tensors, metadata);
  digestPlace(bytes).set(Buffer.from(sha256(bytes)));
  return bytes;
}

/** Throws if the bytes are not as they were written, or of another run or model. Changes `bytes`. */
function decodeTrainingState(bytes: Uint8Array, { config, head }: Model, identity: string): TrainingState {
  const place = digestPlace(bytes);
  const digest = Buffer.from(place).toString();
  place.set(Buffer.from(BLANK).subarray(0, place.length));
  if (sha256(bytes) !== digest) throw new Error("it does not match its digest");
  const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint");
  if (metadata.identity !== identity) throw new Error("it is of a run with other settings");
  const part = (prefix: string) => {
    const named: Record<string, Float32Array> = {};
    for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
      const found = tensors[prefix + name];
      if (found?.data instanceof Float32Array && String(found.shape) === String(shape)) {
        named[name] = found.data;
        continue;
      }
      throw new Error(
        `it is of another model: ${prefix + name} has shape [${found?.shape}] instead of [${shape}]`,
      );
    }
    return flatten(config, named, head);
  };
  return {
    weights: part(PARTS.weights),
    expAvg: part(PARTS.expAvg),
    expAvgSq: part(PARTS.expAvgSq),
    metrics: JSON.parse(metadata.metrics ?? "[]") as MetricsRow[],
  };
}

const MOST_METADATA = 2 ** 28;
/** Milliseconds of training without a checkpoint: what is lost, with one step, if the process is killed. */
const LONGEST_LOSS = 60_000;
const DIGEST = "digest";
const BLANK = "0".repeat(64);

/** Where a checkpoint holds its digest: first in the header, as metadata is sorted by name. */
function digestPlace(bytes: Uint8Array): Uint8Array {
  const before = `{"__metadata__":{"${DIGEST}":"`.length + 8;
  return bytes.subarray(before, before + BLANK.length);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
