import type { Experiment } from "../experiment.ts";

export * from "./charts.ts";
export * from "./claim-text.ts";
export * from "./mass-chart.ts";
export * from "./sentences.ts";

/** None: the theory is computed exactly, without training. */
export const experiments: readonly Experiment[] = [];
