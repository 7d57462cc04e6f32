import { kernelNamed, OURS } from "./kernels.mjs";
import { formatValue, METRICS } from "./metrics.mjs";

/** @typedef {import("../statistics.mjs").Quartiles} Quartiles */

/**
 * @typedef {object} Target an upper limit for a metric of the Allroads kernel
 * @property {keyof typeof METRICS} metric
 * @property {string} [relativeTo] the kernel whose value is the unit of `limit`; without it, seconds or bytes are
 * @property {number} limit
 */

/** @type {Target[]} */
export const TARGETS = [
  { metric: "firstReply", relativeTo: "deno", limit: 1 },
  { metric: "firstResult", relativeTo: "deno", limit: 1 },
  { metric: "roundTrip", relativeTo: "deno", limit: 2 },
  { metric: "roundTrip", relativeTo: "tslab", limit: 1 / 3 },
  { metric: "newSum", relativeTo: "deno", limit: 1.6 },
  { metric: "queued", relativeTo: "tslab", limit: 1 / 10 },
  { metric: "complete", limit: 0.005 },
  { metric: "inspect", limit: 0.005 },
  { metric: "memoryAtStart", limit: 150e6 },
];

/**
 * Every target with the measured quartiles and whether the median meets the limit; both are null if it was not
 * measured.
 *
 * @param {Record<string, { measures: Record<string, { value: Quartiles | null, ratio: Quartiles | null }> }>} kernels by
 *   name; `ratio` is that of the Allroads kernel to this one
 */
export function checkTargets(kernels) {
  return TARGETS.map((target) => {
    const { value, ratio } = kernels[target.relativeTo ?? OURS]?.measures[target.metric] ?? {};
    const found = (kernels[OURS] && (target.relativeTo ? ratio : value)) ?? null;
    return { ...target, found, met: found === null ? null : found.median <= target.limit };
  });
}

/** A checked target as one line. @param {ReturnType<typeof checkTargets>[number]} target */
export function targetLine({ metric, relativeTo, limit, found, met }) {
  const { name, unit } = METRICS[metric];
  const format = relativeTo
    ? (number) => `${number.toPrecision(2)} × ${kernelNamed(relativeTo).possessive}`
    : (number) => formatValue(number, unit);
  const goal = `at most ${format(limit)}`;
  if (found === null) return `– ${name}: ${goal}; not measured`;
  return `${met ? "✔" : "✘"} ${name}: ${format(found.median)}; ${met ? "" : "missed: "}${goal}`;
}
