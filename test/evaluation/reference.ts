import { readFileSync } from "node:fs";

type Matrix = number[][];

/** What fixtures/make_statistics.py writes. */
export interface Reference {
  criticalValues: {
    normal: [confidence: number, value: number][];
    student: [confidence: number, degrees: number, value: number][];
  };
  wilson: [wins: number, trials: number, confidence: number, low: number, high: number][];
  tInterval: [values: number[], confidence: number, mean: number, sd: number, low: number, high: number][];
  matrices: Record<string, Matrix>;
  aggregates: Record<string, [interquartileMean: number, gapTo1: number, gapTo2: number]>;
  improvement: [x: string, y: string, probability: number][];
  bootstrap: Record<string, [low: number, high: number][]>;
  hierarchical: [differences: Matrix, confidence: number, mean: number, low: number, high: number][];
}

export const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/statistics.json", import.meta.url), "utf8"),
);
