import { type RandomStream, randomStream } from "../tensors/random.ts";
import type { Space } from "./completions.ts";

/** One number per instance, by the id of the claim that it is about. */
export type Measures = Readonly<Record<string, readonly number[]>>;

/** How many random instances there are, and what decides them. */
export interface Instances {
  readonly seed: number;
  readonly instances: number;
}

/** Spaces that random instances go through in turn: one prompt and more, two tokens and three, one step and more. */
export const randomSpaces: readonly Space[] = [
  { prompts: 1, actions: 2, horizon: 1 },
  { prompts: 1, actions: 2, horizon: 3 },
  { prompts: 2, actions: 3, horizon: 1 },
  { prompts: 2, actions: 2, horizon: 2 },
  { prompts: 1, actions: 3, horizon: 2 },
  { prompts: 3, actions: 2, horizon: 2 },
  { prompts: 1, actions: 2, horizon: 4 },
];

/** What `measure` gives for each instance, whose stream is its own, gathered claim by claim. */
export function overInstances(
  name: string,
  { seed, instances }: Instances,
  measure: (stream: RandomStream, instance: number) => Readonly<Record<string, number>>,
): Measures {
  const gathered: Record<string, number[]> = {};
  for (let instance = 0; instance < instances; instance++)
    for (const [id, value] of Object.entries(
      measure(randomStream(seed, "theory", name, instance), instance),
    )) {
      gathered[id] ??= [];
      gathered[id].push(value);
    }
  return gathered;
}
