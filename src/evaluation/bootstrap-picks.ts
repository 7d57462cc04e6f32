import { integer, type RandomStream } from "../tensors/random.ts";

/*
 * What a two-level bootstrap picks depends on its random stream and on the shape of the data, not on the data. An experiment
 * has dozens of intervals over the same seeds and prompts, and picking takes most of the time of one, so the picks are kept.
 */

/** The picks of every resample: `seeds` are [draws × seeds], `prompts` are [draws × seeds × prompts]. */
export interface Picks {
  readonly seeds: Uint16Array;
  readonly prompts: Uint16Array;
}

/** The most picks that are kept, of all shapes together: 128 MiB. */
const MOST_KEPT = 2 ** 26;

/** The kept picks by the name of their stream and their shape, the latest last. */
const kept = new Map<string, Picks>();

/**
 * The picks of `draws` resamples of `seeds` seeds with `prompts` prompts each. `stream` is a fresh one, and `name` tells it
 * apart from other streams. Undefined if they are too many to keep.
 */
export function picksOf(
  name: string,
  stream: () => RandomStream,
  [draws, seeds, prompts]: readonly [draws: number, seeds: number, prompts: number],
): Picks | undefined {
  const size = draws * seeds * prompts;
  if (Math.max(seeds, prompts) > 2 ** 16 || size > MOST_KEPT) return undefined;
  const key = [name, draws, seeds, prompts].join(" ");
  const found = kept.get(key) ?? draw(stream(), [draws, seeds, prompts]);
  kept.delete(key);
  makeRoom(size);
  kept.set(key, found);
  return found;
}

/** Forgets the picks that were not used for longest, until `size` more can be kept. */
function makeRoom(size: number): void {
  let total = [...kept.values()].reduce((sum, { prompts }) => sum + prompts.length, size);
  for (const [key, { prompts }] of kept) {
    if (total <= MOST_KEPT) return;
    kept.delete(key);
    total -= prompts.length;
  }
}

/** Picks in the order in which resampling asks for them: a seed, then its prompts. */
function draw(stream: RandomStream, [draws, seeds, prompts]: readonly [number, number, number]): Picks {
  const picks = { seeds: new Uint16Array(draws * seeds), prompts: new Uint16Array(draws * seeds * prompts) };
  let at = 0;
  for (let one = 0; one < draws * seeds; one++) {
    picks.seeds[one] = integer(stream, seeds);
    for (let n = 0; n < prompts; n++) picks.prompts[at++] = integer(stream, prompts);
  }
  return picks;
}
