import { type RandomStream, randomStream } from "../tensors/random.ts";
import type { CompletionSpace } from "./completion-space.ts";

/** Measured numbers by claim id, one per instance. */
export type Measures = Readonly<Record<string, readonly number[]>>;

/** How many random instances are measured, and from which seed. */
export interface RandomInstances {
  readonly seed: number;
  /** Number of random instances. */
  readonly instances: number;
}

/** Instance i has space i modulo 7: one or more prompts, two or three tokens, one or more steps. */
const SPACES: readonly CompletionSpace[] = [
  { prompts: 1, actions: 2, horizon: 1 },
  { prompts: 1, actions: 2, horizon: 3 },
  { prompts: 2, actions: 3, horizon: 1 },
  { prompts: 2, actions: 2, horizon: 2 },
  { prompts: 1, actions: 3, horizon: 2 },
  { prompts: 3, actions: 2, horizon: 2 },
  { prompts: 1, actions: 2, horizon: 4 },
];

/** Calls `measure` for each instance with the instance's own random stream and space; collects results by claim id. */
export function measureInstances(
  name: string,
  { seed, instances }: RandomInstances,
  measure: (stream: RandomStream, space: CompletionSpace) => Readonly<Record<string, number>>,
): Measures {
  const measures: Record<string, number[]> = {};
  for (let instance = 0; instance < instances; instance++) {
    const space = SPACES[instance % SPACES.length]!;
    const values = measure(randomStream(seed, "theory", name, instance), space);
    for (const [id, value] of Object.entries(values)) {
      measures[id] ??= [];
      measures[id].push(value);
    }
  }
  return measures;
}
