import type { Experiment } from "./experiment.ts";
import * as folders from "./folders.ts";

export * from "./folders.ts";

/** Every registered experiment, in order of id. */
export const experiments: readonly Experiment[] = Object.values(folders)
  .flatMap((folder): readonly Experiment[] => folder.experiments)
  .sort((a, b) => (a.id < b.id ? -1 : 1));
