import { readFileSync } from "node:fs";
import path from "node:path";
import { loadPolicy, savePolicy } from "../../src/models/checkpoint.ts";

/* Models that are saved here and opened by transformers: each kind of neox-family/, with the ids of padding and end. */

export const SAVED: Readonly<
  Record<string, { readonly from: string; readonly pad: number; readonly eos: number }>
> = {
  tied: { from: "tied", pad: 0, eos: 1 },
  "all-at-once": { from: "all-at-once", pad: 1, eos: 1 },
  "no-attention-bias": { from: "no-attention-bias", pad: 0, eos: 1 },
  "rotary-7-of-20": { from: "rotary-7-of-20", pad: 0, eos: 1 },
  base: { from: "base", pad: 0, eos: 1 },
  reward: { from: "reward", pad: 0, eos: 1 },
  "reward with padding as its end": { from: "reward", pad: 1, eos: 1 },
  "reward that skips its end": { from: "reward-pad-is-eos", pad: 1, eos: 1 },
  "scalar-model": { from: "scalar-model", pad: 0, eos: 1 },
};

/** Saves them all in folders of `out` by their names. `fixtures` holds neox-family/. */
export function saveModels(out: string, fixtures: string): void {
  for (const [name, { from, ...tokens }] of Object.entries(SAVED)) {
    savePolicy(path.join(out, name), loadPolicy(path.join(fixtures, "neox-family", from)), tokens);
  }
}

/** The bytes of a saved model's two files. */
export const savedBytes = (folder: string): readonly Buffer[] =>
  ["config.json", "model.safetensors"].map((name) => readFileSync(path.join(folder, name)));
