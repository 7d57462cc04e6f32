import type { Difference } from "../../src/results/labels.ts";
import type { Estimate } from "../../src/verdicts/estimates.ts";

const ids = ({ treatment, control }: Difference) => [treatment.id, control.id];

/** What an estimate is computed from, with ids instead of labels and without its name. */
export function estimateIds(estimate: Estimate): object {
  const { metric } = estimate;
  if ("slope" in estimate) {
    const { scale, slope } = estimate;
    return { metric, scale, slope: slope.map(({ at, ...difference }) => [at, ...ids(difference)]) };
  }
  if ("points" in estimate)
    return { metric, on: estimate.on, points: estimate.points.map((one) => [...ids(one), ...ids(one.on)]) };
  if ("atEqual" in estimate) {
    const { atEqual, treatment, control } = estimate;
    return {
      metric,
      atEqual,
      treatment: treatment.map(({ id }) => id),
      control: control.map(({ id }) => id),
    };
  }
  return { metric, difference: ids(estimate), less: estimate.less && ids(estimate.less) };
}
