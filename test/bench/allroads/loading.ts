import { readFileSync } from "node:fs";
import path from "node:path";
import { writeAtomically } from "../../../kernel/setup/files.mjs";
import { loadPolicy } from "../../../src/models/checkpoint.ts";
import { deviceVariables } from "../../../src/models/decoder.ts";
import { vectorsOf } from "../../../src/models/gpt-neox.ts";
import { readSafetensors, writeSafetensors } from "../../../src/models/safetensors.ts";
import { tf } from "../../../src/tensors/backend.ts";
import type { Runner } from "./training.ts";

/** The folder, in that of a size, of the model with its weights in F16, as Pythia's are published. */
export const HALF = "half";

/** Writes the model of a folder once more, in F16. */
export function writeHalf(folder: string): void {
  const { tensors } = readSafetensors(path.join(folder, "model.safetensors"));
  const half = Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, dtype: "F16" as const }]);
  writeSafetensors(path.join(folder, HALF, "model.safetensors"), Object.fromEntries(half), { format: "pt" });
  writeAtomically(path.join(folder, HALF, "config.json"), readFileSync(path.join(folder, "config.json")));
}

/** Reads the model that `writeHalf` wrote into variables on the device. Its values are the weights' sum of magnitudes. */
export function loadingRunner(folder: string, sum: boolean): Runner {
  return {
    run: (steps) => {
      let total = 0;
      for (let step = 0; step < steps; step++) {
        const model = loadPolicy(path.join(folder, HALF));
        tf.dispose(deviceVariables(model));
        if (sum)
          for (const vector of vectorsOf(model)) for (const weight of vector) total += Math.abs(weight);
      }
      return sum ? [total] : [];
    },
    dispose() {},
  };
}
