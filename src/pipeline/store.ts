import { accessSync, constants, lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { flushFolder, makeFolder, temporaryName, writeFlushed } from "../files/atomic-write.ts";
import { errorCode, fileSystem, removeIfEmpty, removeQuietly } from "../files/file-system.ts";
import { loadPolicy, savePolicy } from "../models/checkpoint.ts";
import type { Model } from "../models/gpt-neox.ts";
import type { CheckpointStage } from "./checkpoint.ts";
import { type Lease, type LeaseOptions, openLease } from "./lease.ts";
import {
  checkFiles,
  type Manifest,
  type Provenance,
  problemOf,
  readManifest,
  writeManifest,
} from "./manifest.ts";
import { tellUser } from "./notice.ts";
import type { PublishedRewardStage } from "./published-reward.ts";
import type { Output, Stage } from "./stage.ts";
import { stageId } from "./stage-id.ts";
import { openStart } from "./start.ts";

export type { Provenance } from "./manifest.ts";

/** A stored result and its provenance. */
export type Stored<O extends Output> = O["result"] & { readonly provenance: Provenance };

/**
 * The folder that keeps the results of stages, one subfolder each. A result's files are checked against their digests
 * once per opened store. Processes of several machines may use the same folder.
 */
export interface RunStore {
  readonly folder: string;
  /** Whether the store holds a sound result of a stage. */
  has(stage: Stage): boolean;
  /** A stage's result; undefined if missing, damaged or of another stage: then it must be computed again. */
  read<O extends Output>(stage: Stage<O>): Stored<O> | undefined;
  /** A stage's result. Throws if the store does not hold it. */
  get<O extends Output>(stage: Stage<O>): Stored<O>;
  /**
   * Stores a result, unless another process has: written aside, flushed to disk, then renamed into place. Removes the
   * work folder.
   */
  write<O extends Output>(stage: Stage<O>, result: O["result"], provenance: Provenance): void;
  /** The folder for the lease and the checkpoint of a stage that is being computed. */
  workFolder(stage: Stage): string;
  /** The lease on the computation of a stage; `options` are for tests. */
  lease(stage: Stage, options?: Partial<LeaseOptions>): Lease;
  /** Sets aside a damaged result of a stage, and what is in the place of its work folder and is no folder. */
  makeWay(stage: Stage): void;
  /** Moves a file or folder of the store away that cannot be used because of `problem`, and tells the user. */
  setAside(name: string, problem: string): void;
  /** Tells the user a sentence about the store. */
  notify(text: string): void;
}

/** The folder of work in progress in a run store, with a folder per stage. */
export const WORK = ".unfinished";
/** The file in a stage's folder of work from which its training resumes. */
export const CHECKPOINT = "checkpoint.safetensors";
/** The folder of what was set aside in a run store. */
export const DAMAGED = ".damaged";

const RESULT = "result.json";

/**
 * Opens a run store and creates its folder if needed. `notify` gets what the user should know, a sentence at a time.
 * Throws if the folder cannot be created.
 */
export function openStore(folder: string, notify = tellUser): RunStore {
  const described = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw describeFsError(folder, error);
    }
  };
  described(() => makeFolder(folder));
  const at = (...names: string[]) => path.join(folder, ...names);
  const checked = new Map<string, Manifest>();

  /** The manifest of a sound result, else what is wrong with it. */
  const examine = (id: string): { manifest?: Manifest; problem?: string } => {
    const known = checked.get(id);
    if (known !== undefined) return { manifest: known };
    const problem = problemOf(() => {
      const manifest = readManifest(at(id));
      checkFiles(at(id), manifest);
      checked.set(id, manifest);
    });
    return { manifest: checked.get(id), problem };
  };
  const sound = (stage: Stage) => described(() => examine(stageId(stage)).manifest);

  const read = <O extends Output>(stage: Stage<O>): Stored<O> | undefined => {
    const manifest = sound(stage);
    if (manifest === undefined) return undefined;
    const own = at(manifest.id);
    const published = isPublished(stage) ? { model: openStart(stage.start) } : {};
    try {
      const text = String(fileSystem.readFileSync(path.join(own, RESULT)));
      const result = { ...published, ...JSON.parse(text) } as O["result"];
      const model = "config.json" in manifest.files && { model: loadPolicy(own) };
      return { ...result, ...model, provenance: manifest.provenance };
    } catch {
      // It was removed or damaged after it had been checked.
      checked.delete(manifest.id);
      return undefined;
    }
  };

  const setAside = (name: string, problem: string) => {
    if (!isThere(at(name))) return;
    if (isInTheWay(at(DAMAGED))) fileSystem.renameSync(at(DAMAGED), at(temporaryName(DAMAGED)));
    fileSystem.mkdirSync(at(DAMAGED), { recursive: true });
    const place = path.join(DAMAGED, temporaryName(path.basename(name)).slice(1, -4));
    moveAway(at(name), at(place));
    notify(
      `${name} in the run store ${folder} cannot be used (${problem}): it was moved to ${place}, and the stage is ` +
        "computed anew.",
    );
  };
  const makeWayForWork = (id: string) => {
    for (const name of [WORK, path.join(WORK, id)])
      if (isInTheWay(at(name))) setAside(name, "it is not a folder that can be written");
  };
  const makeWay = (id: string) => {
    const { problem } = isThere(at(id)) ? examine(id) : {};
    if (problem !== undefined) setAside(id, problem);
    makeWayForWork(id);
  };

  /** Moves `aside` to a stage's place, unless a sound result is there, which others may be reading. */
  const moveIntoPlace = (aside: string, id: string) => {
    for (let tries = 3; ; tries--) {
      try {
        return fileSystem.renameSync(aside, at(id));
      } catch (error) {
        if (tries === 0 || !isThere(at(id))) throw error;
        if (examine(id).manifest !== undefined) return;
        makeWay(id);
      }
    }
  };

  return {
    folder,
    has: (stage) => sound(stage) !== undefined,
    read,
    get(stage) {
      const result = read(stage);
      if (result !== undefined) return result;
      throw new Error(`The run store ${folder} lacks a sound ${stage.kind} stage: run the experiment again.`);
    },
    write(stage, result, provenance) {
      const id = stageId(stage);
      if (sound(stage) === undefined) {
        const aside = at(WORK, id, temporaryName(id));
        try {
          described(() => {
            makeWay(id);
            writeStageFolder(aside, { id, stage, provenance }, result);
            moveIntoPlace(aside, id);
            flushFolder(folder);
          });
        } finally {
          removeQuietly(aside);
          removeIfEmpty(at(WORK, id));
        }
      }
      removeQuietly(at(WORK, id));
      removeIfEmpty(at(WORK));
    },
    workFolder: (stage) => at(WORK, stageId(stage)),
    lease(stage, options) {
      const id = stageId(stage);
      const lease = openLease(at(WORK, id), options);
      return {
        ...lease,
        take: () =>
          described(() => {
            makeWayForWork(id);
            const isTaken = lease.take();
            if (isTaken) refreshNames(folder);
            return isTaken;
          }),
        release() {
          lease.release();
          removeIfEmpty(at(WORK));
        },
      };
    },
    makeWay: (stage) => described(() => makeWay(stageId(stage))),
    setAside: (name, problem) => described(() => setAside(name, problem)),
    notify,
  };
}

/** Writes a result into a new folder: its model, everything else as JSON, and last the manifest. */
function writeStageFolder(
  folder: string,
  about: Pick<Manifest, "id" | "stage" | "provenance">,
  result: object,
): void {
  fileSystem.mkdirSync(folder, { recursive: true });
  const { model, ...rest } = result as { readonly model?: Model };
  if (model !== undefined && !isPublished(about.stage)) savePolicy(folder, model);
  writeFlushed(path.join(folder, RESULT), Buffer.from(JSON.stringify(rest)));
  writeManifest(folder, about, readdirSync(folder));
  flushFolder(folder);
}

/** Whether a stage's model is in files of its own, which the store does not copy. */
function isPublished(stage: Stage): stage is CheckpointStage | PublishedRewardStage {
  return stage.kind === "checkpoint" || stage.kind === "published-reward";
}

/** Renames a file or folder, unless another process has. A folder that its owner may not change is made changeable. */
function moveAway(from: string, to: string): void {
  try {
    fileSystem.renameSync(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" && !isThere(from)) return;
    const isForbidden = code === "EACCES" || code === "EPERM";
    if (!isForbidden || !lstatSync(from).isDirectory()) throw error;
    fileSystem.chmodSync(from, 0o700);
    fileSystem.renameSync(from, to);
  }
}

/** Opens a folder: network file systems may remember until then that a name in it was missing. */
function refreshNames(folder: string): void {
  try {
    fileSystem.closeSync(fileSystem.openSync(folder, "r"));
  } catch {
    // A folder that may not be read can still be used.
  }
}

/** Whether a path is taken, also by a link that leads nowhere. */
function isThere(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Whether something else than a folder that this process may read and change is in a path's place. Another process may
 * make or remove the folder meanwhile: what is gone is not in the way.
 */
function isInTheWay(name: string): boolean {
  try {
    if (!lstatSync(name).isDirectory()) return true;
    accessSync(name, constants.R_OK | constants.W_OK | constants.X_OK);
    return false;
  } catch (error) {
    return errorCode(error) !== "ENOENT";
  }
}

/** Names the run store in an error of the file system; returns any other error as it is. */
export function describeFsError(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  const { message } = error as Error;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new Error(`The run store ${folder} cannot be written (${message}): free some space on its disk.`);
  if (["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR"].includes(code))
    return new Error(
      `The run store ${folder} cannot be written (${message}): set ALLROADS_RUNS to a writable folder.`,
    );
  return new Error(`The run store ${folder} cannot be used (${message}): run the same command again.`);
}
