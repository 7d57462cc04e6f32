import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parameterCount } from "../../src/models/gpt-neox.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/models/safetensors.ts";
import { type CheckpointFile, openCheckpoint } from "../../src/training/training-state.ts";
import { temporaryFolder } from "../temporary.ts";

const config = {
  vocab_size: 2,
  hidden_size: 2,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  intermediate_size: 2,
  max_position_embeddings: 4,
  rotary_pct: 1,
  rotary_emb_base: 10_000,
  layer_norm_eps: 1e-5,
};
const model = { config, head: "language" as const, weights: new Float32Array(parameterCount(config)) };
const settings = { learningRate: 0.1, seed: 3, examples: 5 };

/** Numbers whose bits are easily lost. */
const numbers = (first: number) =>
  Float32Array.from(model.weights, (_, index) => [first, -0, 1e-45, Number.NaN, 0.1 * index][index % 5]!);
const state = {
  weights: numbers(1),
  expAvg: numbers(2),
  expAvgSq: numbers(3),
  metrics: [
    { step: 1, loss: 0.1 + 0.2 },
    { step: 2, loss: 1e-300 },
  ],
};

/** A file with the state's checkpoint. */
function saved(): string {
  const file = path.join(temporaryFolder("checkpoint"), "checkpoint.safetensors");
  openCheckpoint(file, model, settings).save(state);
  return file;
}

/** Why a checkpoint file cannot be used; undefined if it can be. */
function reasonAgainst(file: string, options: Partial<CheckpointFile> = {}, of = model): string | undefined {
  let reason: string | undefined;
  const onUnusable = (given: string) => {
    reason = given;
  };
  const loaded = openCheckpoint({ file, onUnusable, ...options }, of, settings).load();
  expect(loaded === undefined).toBe(reason !== undefined);
  return reason;
}

describe("a checkpoint", () => {
  test("gives the same bits back, and leaves no other file", () => {
    const file = saved();
    expect(openCheckpoint(file, model, { ...settings }).load()).toEqual(state);
    expect(readdirSync(path.dirname(file))).toEqual(["checkpoint.safetensors"]);
    expect(openCheckpoint(`${file}.missing`, model, settings).load()).toBeUndefined();
  });

  test("is not used with any bit flipped", () => {
    const file = saved();
    const bytes = readFileSync(file);
    for (let bit = 0; bit < 8 * bytes.length; bit += 37) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, bytes);
      expect(reasonAgainst(file)).toBe("it does not match its digest");
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test("is not used if it is cut short anywhere, or has bytes after its end", () => {
    const file = saved();
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 97) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(reasonAgainst(file)).toBe("it does not match its digest");
    }
    writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(8)]));
    expect(reasonAgainst(file)).toBe("it does not match its digest");
  });

  test("is not used if a row of metrics was dropped, tensors were exchanged or it has no digest", () => {
    const file = saved();
    const { tensors, metadata } = decodeSafetensors(readFileSync(file), file);
    const [weights, moments] = ["embed_out.weight", "exp_avg.embed_out.weight"] as const;
    const swapped = { ...tensors, [weights]: tensors[moments]!, [moments]: tensors[weights]! };
    const { digest: _, ...undigested } = metadata;
    const fewer = { ...metadata, metrics: JSON.stringify(state.metrics.slice(0, 1)) };
    for (const bytes of [
      encodeSafetensors(tensors, fewer),
      encodeSafetensors(swapped, metadata),
      encodeSafetensors(tensors, undigested),
    ]) {
      writeFileSync(file, bytes);
      expect(reasonAgainst(file)).toBe("it does not match its digest");
    }
    writeFileSync(file, encodeSafetensors(tensors, metadata));
    expect(reasonAgainst(file)).toBeUndefined();
  });

  test("is not used for another run, model or other settings", () => {
    const file = saved();
    expect(reasonAgainst(file, { run: "another" })).toBe("it is of a run with other settings");
    const longer = { ...model, config: { ...config, vocab_size: 3 } };
    expect(reasonAgainst(file, {}, longer)).toMatch(
      /^it is of another model: .* has shape \[2,2\] instead of \[3,2\]$/,
    );
    const faster = () => openCheckpoint(file, model, { ...settings, learningRate: 0.2 }).load();
    expect(faster).toThrow(
      `The checkpoint ${file} cannot be used (it is of a run with other settings): remove it or choose another file.`,
    );
  });

  test("of more than 64 MiB gives the same bits back, and is not used with one flipped", () => {
    const wide = { ...config, vocab_size: 1_500_000 };
    const size = parameterCount(wide);
    const large = { config: wide, head: "language" as const, weights: new Float32Array(size) };
    const vector = (first: number) => new Float32Array(size).fill(first).fill(-0, 5_000_000, 5_000_100);
    const given = { ...state, weights: vector(1), expAvg: vector(2), expAvgSq: vector(3) };
    const file = path.join(temporaryFolder("checkpoint"), "checkpoint.safetensors");
    openCheckpoint(file, large, settings).save(given);
    const loaded = openCheckpoint(file, large, settings).load()!;
    expect(loaded.metrics).toEqual(given.metrics);
    for (const part of ["weights", "expAvg", "expAvgSq"] as const)
      expect(Buffer.from((loaded[part] as Float32Array).buffer).equals(Buffer.from(given[part].buffer))).toBe(
        true,
      );
    const { size: length } = statSync(file);
    expect(length).toBeGreaterThan(2 ** 26);
    const handle = openSync(file, "r+");
    for (const at of [300, 2 ** 25, length - 1]) {
      const byte = Buffer.alloc(1);
      readSync(handle, byte, 0, 1, at);
      writeSync(handle, Buffer.from([byte[0]! ^ 4]), 0, 1, at);
      expect(reasonAgainst(file, {}, large)).toBe("it does not match its digest");
      writeSync(handle, byte, 0, 1, at);
    }
    closeSync(handle);
    expect(reasonAgainst(file, { run: "another" }, large)).toBe("it is of a run with other settings");
  });

  test("is not looked for in a folder or a device", () => {
    const folder = temporaryFolder("checkpoint");
    const [inner, device] = [path.join(folder, "inner"), path.join(folder, "device")];
    mkdirSync(inner);
    symlinkSync("/dev/zero", device);
    expect(reasonAgainst(inner)).toBe("inner is not a file");
    expect(reasonAgainst(device)).toBe("device is not a file");
  });
});
