import type { Plan } from "../experiment.ts";
import type { Laboratory } from "../laboratory.ts";

/** The id of an arm or verifier of the task that a notebook's own task is compared with. */
export function besideId(id: string, task: string): string {
  return `${id}@${task}`;
}

/**
 * Whether the gap between online and offline closes in a task: offline and online arms and both verifiers there, and
 * beside them what the gap is read from in the usual task, on the same posts. `task` is what the usual one is called.
 */
export function closurePlan(own: Laboratory, usual: Laboratory, task: string): Plan {
  const here = gapOf(own);
  const there = gapOf(usual);
  const named = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).map(([id, entry]) => [besideId(id, task), entry]));
  return {
    reference: "own SFT",
    arms: {
      ...here.arms,
      "dpo-5x": own.dpo(5),
      "online-sft": own.online(own.sft),
      ...named(there.arms),
    },
    verifiers: { ...here.verifiers, ...named(there.verifiers) },
    pairs: { offline: own.pairs },
  };
}

/** What the policy gap and the verification gap of one task are read from. */
function gapOf(lab: Laboratory) {
  const { sft } = lab;
  const dpo = lab.dpo(1);
  return {
    arms: { sft, dpo, "dpo-2x": lab.dpo(2), "online-dpo": lab.online(dpo) },
    verifiers: { global: lab.verification(lab.reward), dpo: lab.verification(dpo) },
  };
}
