import { createHash } from "node:crypto";
import { type Model, parameterShapes } from "../models/gpt-neox.ts";
import { flatten, namedParameters } from "../models/named-weights.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../models/safetensors.ts";
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
    return createHash("sha256").update(bytes).digest("hex");
  });
}

/**
 * Writes a training state as one safetensors file, atomically: the weights under their Hugging Face names,
 * AdamW's moments under the same names prefixed with `exp_avg.` and `exp_avg_sq.`, and as metadata the metrics so
 * far and the run's `identity`: its settings, and the seed that with the step determines all randomness.
 */
export function saveTrainingState(
  path: string,
  { config, head }: Model,
  identity: object,
  state: TrainingState,
) {
  const tensors: Record<string, StoredTensor> = {};
  for (const [part, prefix] of Object.entries(PARTS)) {
    for (const { name, shape, data } of namedParameters(config, state[part as keyof typeof PARTS], head)) {
      tensors[prefix + name] = { dtype: "F32", shape, data };
    }
  }
  writeSafetensors(path, tensors, {
    identity: identityText(identity),
    metrics: JSON.stringify(state.metrics),
  });
}

/** Reads a training state. Throws if the file belongs to another model or another run. */
export function loadTrainingState(path: string, { config, head }: Model, identity: object): TrainingState {
  const { tensors, metadata } = readSafetensors(path);
  if (metadata.identity !== identityText(identity)) {
    throw new Error(
      `${path} is the checkpoint of a run with other settings: remove it or choose another file.`,
    );
  }
  const part = (prefix: string) => {
    const named: Record<string, Float32Array> = {};
    for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
      const found = tensors[prefix + name];
      if (found?.data instanceof Float32Array && String(found.shape) === String(shape)) {
        named[name] = found.data;
        continue;
      }
      throw new Error(
        `${path} must hold ${prefix + name} of shape [${shape}], but it ` +
          `${found === undefined ? "is missing" : `has shape [${found.shape}]`}: it is the checkpoint of another model.`,
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
