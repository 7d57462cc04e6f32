import path from "node:path";
import { storedNames } from "../pipeline/inventory.ts";
import { problemOf, readManifest } from "../pipeline/manifest.ts";
import { idOf } from "../pipeline/stage.ts";
import { resultName, type Task } from "./tasks.ts";

/* What a run store holds of tasks, whatever machine asks: results are looked for by definition and code. */

/** A kind of device, with which the names of platforms begin. */
export type DeviceKind = "cpu" | "cuda";

/** What a run store holds of a task. */
export interface Held {
  /** How many of its results there are on the platform that has most of them. */
  readonly count: number;
  /** That platform; undefined if there is no result. */
  readonly platform?: string;
}

/**
 * What a run store holds of tasks that were computed on this kind of device, by seed. Results of one task that were
 * computed on several platforms do not count together, since each platform computes its own. Reads descriptions only.
 */
export function heldResults(store: string, tasks: readonly Task[], device: DeviceKind): Map<number, Held> {
  const names = storedNames(store);
  return new Map(
    tasks.map(({ seed, results }) => {
      const wanted = new Set(results);
      const counts = new Map<string, number>();
      for (const name of names.filter((one) => one.includes(`-seed${seed}-`)))
        problemOf(() => {
          const { stage, determining } = readManifest(path.join(store, name));
          const [code = "", platform = "", data = ""] = determining;
          const isWanted = wanted.has(resultName(idOf(stage, [data]), code));
          if (isWanted && platform.startsWith(device)) counts.set(platform, (counts.get(platform) ?? 0) + 1);
        });
      const [best] = [...counts].sort(([, a], [, b]) => b - a);
      return [seed, { count: best?.[1] ?? 0, platform: best?.[0] }];
    }),
  );
}
