import { readFileSync } from "node:fs";

/** The reference values that fixtures/make_statistics.py writes. */
export interface Reference {
  criticalValues: {
    normal: [confidence: number, value: number][];
    student: [confidence: number, degrees: number, value: number][];
  };
  wilson: [wins: number, trials: number, confidence: number, low: number, high: number][];
  tInterval: [values: number[], confidence: number, mean: number, sd: number, low: number, high: number][];
  hierarchical: [differences: number[][], confidence: number, mean: number, low: number, high: number][];
}

export const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/statistics.json", import.meta.url), "utf8"),
);
