/*
 * `node train-once.mjs FOLDER [ID]` trains two small policies with the built package in a worker process and prints the
 * id of the first and a digest of the weights of both as JSON. Given an ID that is not the first policy's, it trains nothing and
 * prints null. FOLDER is for the run store. Batches are large enough for blocked matrix products.
 */
import { createHash } from "node:crypto";
import allroads from "allroads";

const [, , folder, usualId] = process.argv;
const smoke = allroads.keyEnvConfig("smoke");
const sizes = { demonstrations: 192, pairs: 64, validation: 2, evaluation: 2 };
const lab = allroads.laboratory({ ...smoke, sizes }, 1);
const id = allroads.pipeline.stageId(lab.sft);
if (usualId !== undefined && id !== usualId) {
  console.log(null);
} else {
  const stages = [lab.sft, lab.dpo(1)];
  const store = allroads.pipeline.openStore(folder);
  const pool = allroads.pipeline.processPool(1);
  await allroads.pipeline.execute(store, stages, pool);
  pool.close();
  const hash = createHash("sha256");
  for (const stage of stages) {
    const { weights } = store.get(stage).model;
    hash.update(Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength));
  }
  console.log(JSON.stringify({ id, digest: hash.digest("hex") }));
}
