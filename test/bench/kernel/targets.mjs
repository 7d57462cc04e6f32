import { KERNELS, OURS } from "./kernels.mjs";
import { inUnits, MEASURES } from "./measures.mjs";

/**
 * @typedef {object} Target the most that a measure of Allroads' kernel should be
 * @property {string} measure
 * @property {string} [beside] the kernel in whose times `most` counts; without it `most` counts seconds or bytes
 * @property {number} most
 */

/** @type {Target[]} */
export const TARGETS = [
  { measure: "firstReply", beside: "deno", most: 1 },
  { measure: "firstResult", beside: "deno", most: 1 },
  { measure: "roundTrip", beside: "deno", most: 2 },
  { measure: "roundTrip", beside: "tslab", most: 1 / 3 },
  { measure: "queued", beside: "tslab", most: 1 / 10 },
  { measure: "complete", most: 0.005 },
  { measure: "inspect", most: 0.005 },
  { measure: "memoryAtStart", most: 150e6 },
];

/**
 * Every target with the value that was measured, null where it was not, and whether it was met.
 *
 * @param {Record<string, { measures: Record<string, { value: Spread | null, ratio: Spread | null }> }>} kernels by name; a
 *   ratio is that of Allroads' kernel over this one
 * @typedef {import("../statistics.mjs").Spread} Spread
 */
export function judge(kernels) {
  return TARGETS.map((target) => {
    const { value, ratio } = kernels[target.beside ?? OURS]?.measures[target.measure] ?? {};
    const found = (kernels[OURS] && (target.beside ? ratio : value)) ?? null;
    return { ...target, found, met: found === null ? null : found.median <= target.most };
  });
}

/** A judged target as one line. @param {ReturnType<typeof judge>[number]} target */
export function targetLine({ measure, beside, most, found, met }) {
  const { name, unit } = MEASURES[measure];
  const told = beside
    ? (number) => `${number.toPrecision(2)} × ${KERNELS[beside].of}`
    : (number) => inUnits(number, unit);
  const aim = `at most ${told(most)}`;
  if (found === null) return `– ${name}: ${aim}; not measured`;
  return `${met ? "✔" : "✘"} ${name}: ${told(found.median)}; ${met ? "" : "missed: "}${aim}`;
}
