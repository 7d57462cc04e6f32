import { isPeer, OURS, runnerNamed } from "./cases.mjs";
import { fastestRunner, relativeTime } from "./statistics.mjs";

/** @typedef {import("./statistics.mjs").Block} Block */
/** @typedef {import("./statistics.mjs").Quartiles} Quartiles */
/** @typedef {{ peer: string, ratio: Quartiles }} Comparison the time of Allroads relative to that of a peer */

/**
 * @typedef {object} Lead how Allroads compares with its peers, and how much of that is not due to its engine
 * @property {Comparison} overall with the fastest peer
 * @property {Comparison | null} engine with the fastest peer that shares prompts as Allroads does
 * @property {Quartiles | null} algorithm the time of eager PyTorch with shared prompts relative to that without
 */

/**
 * The lead of Allroads in one case; null if Allroads or all peers are missing.
 *
 * @param {Record<string, readonly Block[]>} blocks by runner
 * @param {boolean} training whether the work is a training step, in which prompts may be shared
 * @returns {Lead | null}
 */
export function leadOf(blocks, training) {
  const peers = Object.keys(blocks).filter(isPeer);
  const overall = compare(blocks, peers);
  if (overall === null) return null;
  if (!training) return { overall, engine: null, algorithm: null };
  const { "torch-shared": shared, "torch-fused": unshared } = blocks;
  return {
    overall,
    engine: compare(
      blocks,
      peers.filter((name) => runnerNamed(name).shared),
    ),
    algorithm: shared && unshared ? relativeTime(shared, unshared) : null,
  };
}

/**
 * @param {Record<string, readonly Block[]>} blocks
 * @param {string[]} peers
 * @returns {Comparison | null}
 */
function compare(blocks, [first, ...others]) {
  const ours = blocks[OURS];
  if (first === undefined || ours === undefined) return null;
  const peer = fastestRunner(blocks, [first, ...others]);
  return { peer, ratio: relativeTime(ours, blocks[peer] ?? []) };
}
