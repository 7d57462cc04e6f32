/*
 * node train-two-seeds.mjs JSON: trains two small policies in two worker processes, with the built package. JSON has
 * `store`, the run store's folder; `epochs`; and `handlesInterrupts`, whether the program has a use of its own for SIGINT,
 * as a Jupyter kernel has.
 */
import allroads from "allroads";

const { store: folder, epochs, handlesInterrupts } = JSON.parse(process.argv[2]);
if (handlesInterrupts) process.on("SIGINT", () => process.stdout.write("interrupted\n"));
const smoke = allroads.keyEnvConfig("smoke");
const config = {
  ...smoke,
  sizes: { demonstrations: 256, pairs: 24, validation: 4, evaluation: 4 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  sft: { ...smoke.sft, epochs, learningRate: 1e-3 },
};
const stages = [3, 4].map((seed) => allroads.laboratory(config, seed).sft);
const { openStore, processPool, execute } = allroads.pipeline;
const pool = processPool(2);
await execute(openStore(folder), stages, pool).finally(() => pool.close());
