import path from "node:path";
import * as allroads from "allroads";
import { repositoryRoot } from "../../../src/files/repository.ts";

/* The examples on the built package, as notebooks use it, with a model that trains in seconds. */

const smoke = allroads.keyEnvConfig("smoke");

export const tinyConfig: allroads.LaboratoryConfig = {
  ...smoke,
  sizes: { demonstrations: 128, pairs: 32, validation: 6, evaluation: 8 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  online: { ...smoke.online, completions: 3 },
  verification: { prompts: 3, completions: 4 },
};

export type Stage = allroads.pipeline.Stage;
export type Store = allroads.pipeline.RunStore;

/** The path of an example. */
export const example = (name: string): string =>
  path.join(repositoryRoot(), "notebooks", "examples", `${name}.ts`);

/** Computes stages in this process, or in a pool, which is closed; returns their store. */
export async function compute(
  folder: string,
  stages: readonly Stage[],
  pool = allroads.pipeline.inlinePool(),
): Promise<Store> {
  const store = allroads.pipeline.openStore(folder);
  await allroads.pipeline.execute(store, stages, pool).finally(() => pool.close());
  return store;
}
