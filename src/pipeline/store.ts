import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { loadPolicy, savePolicy } from "../models/checkpoint.ts";
import type { Model } from "../models/gpt-neox.ts";
import { type Output, type Stage, stageId } from "./stage.ts";

/** Where, when and on what a stage was computed. */
export interface Provenance {
  readonly device: string;
  readonly tensorflow: string;
  readonly node: string;
  readonly seconds: number;
  readonly finished: string;
  /** The digest of the code that computed it. */
  readonly code: string;
  /** How the platform rounds; absent in records from before it was kept. */
  readonly platform?: string;
}

/** A stored result and its provenance. */
export type Stored<O extends Output> = O["result"] & { readonly provenance: Provenance };

/**
 * The folder that keeps the results of stages, one subfolder each. A result's files are checked against their digests
 * once per opened store. Several processes may use the same folder.
 */
export interface RunStore {
  readonly folder: string;
  /** Whether the store holds a sound result of a stage. */
  has(stage: Stage): boolean;
  /** A stage's result; undefined if missing, damaged or of another stage: then it must be computed again. */
  read<O extends Output>(stage: Stage<O>): Stored<O> | undefined;
  /** A stage's result. Throws if the store does not hold it. */
  get<O extends Output>(stage: Stage<O>): Stored<O>;
  /** Stores a result, unless another process has: written aside, then renamed into place; removes the work folder. */
  write<O extends Output>(stage: Stage<O>, result: O["result"], provenance: Provenance): void;
  /** The folder for checkpoints of a stage that is being computed. */
  workFolder(stage: Stage): string;
}

const MANIFEST = "stage.json";
const RESULT = "result.json";

/** The description in a stage's folder. */
export interface Manifest {
  readonly id: string;
  readonly stage: Stage;
  readonly provenance: Provenance;
  /** SHA-256 of every other file of the stage, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Opens a run store and creates its folder if needed. Throws if that fails. */
export function openStore(folder: string): RunStore {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw describeFsError(folder, error);
  }
  const checked = new Map<string, Manifest>();
  const soundManifest = (stage: Stage): Manifest | undefined => {
    const id = stageId(stage);
    const manifest = checked.get(id) ?? readSoundManifest(path.join(folder, id), id);
    if (manifest !== undefined) checked.set(id, manifest);
    return manifest;
  };
  const read = <O extends Output>(stage: Stage<O>): Stored<O> | undefined => {
    const manifest = soundManifest(stage);
    if (manifest === undefined) return undefined;
    const own = path.join(folder, manifest.id);
    const result = JSON.parse(readFileSync(path.join(own, RESULT), "utf8")) as O["result"];
    const { provenance } = manifest;
    return "config.json" in manifest.files
      ? { ...result, model: loadPolicy(own), provenance }
      : { ...result, provenance };
  };
  const workFolder = (stage: Stage) => path.join(folder, ".unfinished", stageId(stage));
  return {
    folder,
    has: (stage) => soundManifest(stage) !== undefined,
    read,
    get(stage) {
      const result = read(stage);
      if (result !== undefined) return result;
      throw new Error(`The run store ${folder} lacks a sound ${stage.kind} stage: run the experiment again.`);
    },
    write(stage, result, provenance) {
      if (soundManifest(stage) !== undefined) return;
      const id = stageId(stage);
      const aside = path.join(folder, `.${id}.${process.pid}.tmp`);
      writeStageFolder(aside, { id, stage, provenance }, result);
      moveIntoPlace(aside, path.join(folder, id), id);
      rmSync(workFolder(stage), { recursive: true, force: true, maxRetries: 3 });
    },
    workFolder,
  };
}

/** Writes a result into a new folder: its model, everything else as JSON, and last the manifest. */
function writeStageFolder(folder: string, about: Omit<Manifest, "files">, result: object): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { model, ...rest } = result as { readonly model?: Model };
  if (model !== undefined) savePolicy(folder, model);
  writeFileSync(path.join(folder, RESULT), JSON.stringify(rest));
  const files = Object.fromEntries(
    readdirSync(folder).map((name) => [name, sha256(readFileSync(path.join(folder, name)))]),
  );
  const manifest: Manifest = { ...about, files };
  writeFileSync(path.join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Moves `aside` to `folder`. If another process has stored a sound folder meanwhile, that one stays in place throughout,
 * since others may be reading it, and `aside` is dropped. A damaged folder is moved out of the way first.
 */
function moveIntoPlace(aside: string, folder: string, id: string): void {
  try {
    renameSync(aside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    const damaged = `${aside}.damaged`;
    if (readSoundManifest(folder, id) === undefined) {
      renameSync(folder, damaged);
      renameSync(aside, folder);
    }
    for (const rest of [aside, damaged]) rmSync(rest, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A stage folder's manifest if it is that stage's and all its files match their digests. */
export function readSoundManifest(folder: string, id: string): Manifest | undefined {
  const manifest = readManifest(folder);
  if (manifest?.id !== id) return undefined;
  const intact = Object.entries(manifest.files).every(([name, digest]) => {
    const file = path.join(folder, name);
    return existsSync(file) && sha256(readFileSync(file)) === digest;
  });
  return intact ? manifest : undefined;
}

/** A stage folder's manifest; undefined if it cannot be read. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, MANIFEST), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** Names the run store in an error of the file system; returns any other error as it is. */
export function describeFsError(folder: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const advice = code === "ENOSPC" ? "free some space on its disk" : "set ALLROADS_RUNS to a writable folder";
  return new Error(`The run store ${folder} cannot be written (${(error as Error).message}): ${advice}.`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
