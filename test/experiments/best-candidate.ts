import { mean } from "../../src/evaluation/statistics.ts";
import type { TuningTable } from "../../src/experiments/tuning.ts";
import type { Label } from "../../src/results/labels.ts";

/** The candidate with the highest mean probability over a tuning's seeds, the first of equals. */
export function bestCandidate({ scorers }: TuningTable, candidates: readonly Label[]): Label {
  const value = ({ id }: Label) => mean(scorers[id]?.probability ?? []);
  return candidates.reduce((best, one) => (value(one) > value(best) ? one : best));
}
