import { paddedShape } from "../../src/models/batch.ts";
import type { MemorySavings } from "../../src/models/decoder.ts";
import { parameterCount } from "../../src/models/gpt-neox.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { type PythiaSize, pythiaConfig } from "../../src/models/pythia.ts";
import { tf } from "../../src/tensors/backend.ts";
import { integer, randomStream } from "../../src/tensors/random.ts";
import { adamWDefaults, adamWScales } from "../../src/training/optimizer.ts";
import { sftObjective } from "../../src/training/sft.ts";
import { openTrainer } from "../../src/training/trainer.ts";
import { peakOf, residentMemory } from "../bench/allroads/memory.ts";

/*
 * Prints, as JSON, the peak memory in bytes of training steps of SFT beyond what the process had before the model, and the
 * losses. Arguments: size, sequences, their tokens, and the savings as JSON.
 */

const [size, sequences, tokens, savings = "{}"] = process.argv.slice(2);
tf.tidy(() => tf.zeros([2]).dataSync());
const before = residentMemory();
const config = { ...pythiaConfig(size as PythiaSize), max_position_embeddings: 512 };
const stream = randomStream(1, "memory");
const model = initialModel(config, stream);
const groups = Array.from({ length: Number(sequences) }, () => ({
  prompt: [1],
  completions: [Array.from({ length: Number(tokens) }, () => integer(stream, config.vocab_size))],
}));
const objective = sftObjective(0, paddedShape(groups));
const trainer = openTrainer(
  model,
  objective,
  adamWDefaults,
  true,
  false,
  JSON.parse(savings) as MemorySavings,
);
const step = (index: number) =>
  tf.tidy(() => {
    const scales = tf.tensor1d(adamWScales(index + 1, 1e-4, adamWDefaults));
    return trainer.step({ batch: objective.batch(groups, index), scales }).loss;
  });
const first = [step(0), step(1)];
globalThis.gc?.();
const { result, peak } = await peakOf(() => [step(2), step(3)]);
const parameters = parameterCount(config);
console.log(JSON.stringify({ parameters, bytes: peak && peak - before, losses: [...first, ...result] }));
process.exit(0);
