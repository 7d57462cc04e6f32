import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";
import { checkpointFiles, INDEX, WEIGHTS } from "../../src/models/checkpoint-files.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/models/safetensors.ts";

const family = path.join(import.meta.dirname, "fixtures", "neox-family");
const scratch = mkdtempSync(path.join(os.tmpdir(), "checkpoint files "));
afterAll(() => rmSync(scratch, { recursive: true }));

const shard = (number: number) => `model-0000${number}-of-00004.safetensors`;
const inner = "gpt_neox.layers.1.mlp.dense_h_to_4h.weight";

let copies = 0;
/** A copy of the model that transformers wrote in four shards. */
function sharded(): string {
  const folder = path.join(scratch, String(copies++));
  cpSync(path.join(family, "sequential"), folder, { recursive: true });
  return folder;
}

function changeIndex(folder: string, change: (map: Record<string, unknown>) => void): void {
  const index = JSON.parse(readFileSync(path.join(folder, INDEX), "utf8"));
  change(index.weight_map);
  writeFileSync(path.join(folder, INDEX), JSON.stringify(index));
}

function changeShard(
  folder: string,
  name: string,
  change: (tensors: Record<string, StoredTensor>) => void,
): void {
  const { tensors } = readSafetensors(path.join(folder, name));
  change(tensors);
  writeSafetensors(path.join(folder, name), tensors);
}

/** The message of loading `folder`, which must be one line and one sentence that begins with a file. */
function refusal(folder: string): string {
  try {
    loadPolicy(folder);
  } catch (error) {
    const { message } = error as Error;
    expect(message).not.toContain("\n");
    expect(message.startsWith(`${folder}${path.sep}`)).toBe(true);
    return message.slice(folder.length + 1);
  }
  throw new Error("nothing was thrown");
}

describe("a model in shards", () => {
  test("is the model in one file", () => {
    const folder = sharded();
    const whole = path.join(scratch, "whole");
    savePolicy(whole, loadPolicy(folder));
    expect(loadPolicy(whole)).toEqual(loadPolicy(folder));
    const names = [1, 2, 3, 4].map(shard);
    expect(checkpointFiles(folder).map((file) => path.basename(file))).toEqual([
      "config.json",
      INDEX,
      ...names,
    ]);
  });

  test("may have one shard that is called as a single file", () => {
    const folder = sharded();
    const tensors = [1, 2, 3, 4].map((number) => readSafetensors(path.join(folder, shard(number))).tensors);
    const expected = loadPolicy(folder);
    writeSafetensors(path.join(folder, WEIGHTS), Object.assign({}, ...tensors));
    changeIndex(folder, (map) => {
      for (const name of Object.keys(map)) map[name] = WEIGHTS;
    });
    expect(loadPolicy(folder)).toEqual(expected);
  });

  test.each<[string, (folder: string) => void, string]>([
    [
      "a shard is missing",
      (folder) => rmSync(path.join(folder, shard(3))),
      `${shard(3)} is missing: give a folder that holds a GPT-NeoX config.json and model.safetensors or its shards.`,
    ],
    [
      "a shard lacks a tensor that the index says it has",
      (folder) => changeShard(folder, shard(3), (tensors) => void delete tensors[inner]),
      `${shard(3)}: tensor "${inner}" is missing, and ${INDEX} says it is in this file; take all files from one model.`,
    ],
    [
      "a tensor is in another shard than the index says",
      (folder) => {
        const { tensors } = readSafetensors(path.join(folder, shard(3)));
        changeShard(folder, shard(3), (own) => void delete own[inner]);
        changeShard(folder, shard(1), (own) => void Object.assign(own, { [inner]: tensors[inner] }));
      },
      `${shard(1)}: tensor "${inner}" is in this file, and ${INDEX} says it is in ${shard(3)}; take all files from one model.`,
    ],
    [
      "a shard has a tensor that the index does not list",
      (folder) => changeIndex(folder, (map) => void delete map[inner]),
      `${shard(3)}: tensor "${inner}" is in this file, and ${INDEX} does not list it; take all files from one model.`,
    ],
    [
      "the index lists a tensor that the model lacks",
      (folder) => changeIndex(folder, (map) => void Object.assign(map, { more: shard(2) })),
      `${shard(2)}: tensor "more" is missing, and ${INDEX} says it is in this file; take all files from one model.`,
    ],
    [
      "a single file lies beside its shards",
      (folder) => cpSync(path.join(family, "tied", WEIGHTS), path.join(folder, WEIGHTS)),
      `${WEIGHTS}: ${INDEX} names other files; remove this one or the index.`,
    ],
    [
      "the index names a file outside of the folder",
      (folder) => changeIndex(folder, (map) => void Object.assign(map, { [inner]: "../model.safetensors" })),
      `${INDEX}: the index names "../model.safetensors", which is not a .safetensors file of its folder.`,
    ],
    [
      "the index names a pickle",
      (folder) => changeIndex(folder, (map) => void Object.assign(map, { [inner]: "pytorch_model.bin" })),
      `${INDEX}: the index names "pytorch_model.bin", which is not a .safetensors file of its folder.`,
    ],
    [
      "the index names no file",
      (folder) => changeIndex(folder, (map) => void Object.assign(map, { [inner]: 3 })),
      `${INDEX}: the index names 3, which is not a .safetensors file of its folder.`,
    ],
    [
      "the index is no map",
      (folder) => writeFileSync(path.join(folder, INDEX), '{"weight_map": []}'),
      `${INDEX}: the index should have a weight_map of file names by tensor.`,
    ],
    [
      "the index is empty",
      (folder) => writeFileSync(path.join(folder, INDEX), "{}"),
      `${INDEX}: the index should have a weight_map of file names by tensor.`,
    ],
    [
      "the index is not JSON",
      (folder) => writeFileSync(path.join(folder, INDEX), "{"),
      `${INDEX}: the index of the weights cannot be read as JSON (the text ends at character 2).`,
    ],
    [
      "a tensor of a shard is not finite",
      (folder) =>
        changeShard(folder, shard(3), (tensors) => {
          const { shape, data } = tensors[inner]!;
          const values = (data as Float32Array).slice().fill(Number.NaN, 2, 3);
          tensors[inner] = { dtype: "BF16", shape, data: values };
        }),
      `${shard(3)}: tensor ${inner} holds NaN at index 2, and weights must be finite: it is damaged or its training ` +
        "diverged, so take an earlier one.",
    ],
    [
      "a tensor of a shard has another shape",
      (folder) =>
        changeShard(folder, shard(3), (tensors) => {
          tensors[inner] = { ...tensors[inner]!, shape: [20, 40] };
        }),
      `${shard(3)}: tensor ${inner} should have shape [40, 20] by config.json and has [20, 40].`,
    ],
    [
      "a shard is cut short",
      (folder) => {
        const bytes = readFileSync(path.join(folder, shard(4)));
        writeFileSync(path.join(folder, shard(4)), bytes.subarray(0, -1));
      },
      `${shard(4)}: the data of tensor "embed_out.weight" should end at byte`,
    ],
  ])("is refused if %s", (_, damage, message) => {
    const folder = sharded();
    damage(folder);
    const found = refusal(folder);
    if (message.endsWith(".")) expect(found).toBe(message);
    else expect(found.startsWith(message)).toBe(true);
  });
});

test("a folder with pickles alone is refused, as they can run code", () => {
  const folder = sharded();
  rmSync(path.join(folder, INDEX));
  renameSync(path.join(folder, shard(1)), path.join(folder, "pytorch_model.bin"));
  expect(refusal(folder)).toBe(
    `${WEIGHTS} is missing: the folder's pytorch_model.bin is a pickle, which can run code and is not read; save the ` +
      "model with safe_serialization.",
  );
  expect(existsSync(path.join(folder, WEIGHTS))).toBe(false);
});

describe("a head", () => {
  const copied = (name: string) => {
    const folder = path.join(scratch, `${name} ${copies++}`);
    cpSync(path.join(family, name), folder, { recursive: true });
    return folder;
  };

  test("of several labels is refused", () => {
    const folder = copied("reward");
    changeShard(folder, WEIGHTS, (tensors) => {
      const data = new Float32Array(40).fill(1);
      tensors["score.weight"] = { dtype: "F32", shape: [2, 20], data };
    });
    expect(refusal(folder)).toBe(
      `${WEIGHTS}: tensor score.weight gives 2 labels, and a reward model has one: use another model.`,
    );
  });

  test("of another kind is refused by its name", () => {
    const folder = copied("tied");
    changeShard(folder, WEIGHTS, (tensors) => {
      tensors["v_head.summary.weight"] = { dtype: "F32", shape: [1, 20], data: new Float32Array(20) };
    });
    expect(refusal(folder)).toBe(
      `${WEIGHTS}: tensor v_head.summary.weight has no place in the model that config.json describes.`,
    );
  });

  test("that the config promises and the weights lack is named", () => {
    const folder = copied("reward");
    changeShard(folder, WEIGHTS, (tensors) => void delete tensors["score.weight"]);
    expect(refusal(folder)).toBe(
      `${WEIGHTS}: tensor score.weight should have shape [1, 20] by config.json and is missing.`,
    );
  });

  test("that is tied may be stored if it is the embedding, and is refused if it differs", () => {
    const folder = copied("tied");
    const expected = loadPolicy(folder);
    changeShard(folder, WEIGHTS, (tensors) => {
      tensors["lm_head.weight"] = tensors["gpt_neox.embed_in.weight"]!;
    });
    expect(loadPolicy(folder)).toEqual(expected);
    changeShard(folder, WEIGHTS, (tensors) => {
      const { data, ...rest } = tensors["lm_head.weight"]!;
      tensors["lm_head.weight"] = { ...rest, data: (data as Float32Array).slice().fill(0, 7, 8) };
    });
    expect(refusal(folder)).toBe(
      `${WEIGHTS}: tensor lm_head.weight differs from gpt_neox.embed_in.weight, and config.json ties them: set ` +
        "tie_word_embeddings to false.",
    );
  });

  test.each(["tied", "base", "reward", "scalar-model", "all-at-once", "no-attention-bias"])(
    "comes back from a saved folder: %s",
    (name) => {
      const model = loadPolicy(path.join(family, name));
      const folder = path.join(scratch, `saved ${name}`);
      savePolicy(folder, model, { pad: 0, eos: 1 });
      expect(loadPolicy(folder)).toEqual(model);
    },
  );
});
