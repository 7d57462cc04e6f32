import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { Stage } from "./stage.ts";
import { type Provenance, readManifest, readSoundManifest } from "./store.ts";

/** One folder of a run store. */
export interface StoredStage {
  readonly id: string;
  /** Its definition; absent if its manifest cannot be read. */
  readonly stage?: Stage;
  readonly provenance?: Provenance;
  readonly bytes: number;
}

/** Every finished stage in a run store's folder, sorted by name. Unfinished work is hidden there and left out. */
export function inventory(store: string): StoredStage[] {
  return visible(store).map((id) => {
    const folder = path.join(store, id);
    const manifest = readManifest(folder);
    return { id, stage: manifest?.stage, provenance: manifest?.provenance, bytes: bytesIn(folder) };
  });
}

/** The names in a run store whose files do not match their digests, or that hold no stage. */
export function damaged(store: string): string[] {
  return visible(store).filter((id) => readSoundManifest(path.join(store, id), id) === undefined);
}

/** Removes stages from a run store. */
export function remove(store: string, ids: readonly string[]): void {
  for (const id of ids) rmSync(path.join(store, id), { recursive: true, force: true, maxRetries: 3 });
}

const visible = (store: string): string[] =>
  readdirSync(store)
    .filter((name) => !name.startsWith("."))
    .sort();

function bytesIn(folder: string): number {
  if (!statSync(folder).isDirectory()) return statSync(folder).size;
  return readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
}
