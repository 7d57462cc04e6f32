import type { Experiment } from "../experiment.ts";

export * from "./plan.ts";
export * from "./preset-file.ts";
export * from "./report.ts";

/** None: the comparison on real posts is not registered. */
export const experiments: readonly Experiment[] = [];
