import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { writeFlushed } from "../files/atomic-write.ts";
import { validated } from "../files/data-files.ts";
import { fileDigest } from "../files/file-digest.ts";
import { errorCode, fileSystem, readRegularFile } from "../files/file-system.ts";
import { definitionId, idOf, type Stage } from "./stage.ts";
import { determining } from "./stage-id.ts";

/*
 * Each finished stage has a folder of the run store, named by the stage's id. Its stage.json, the manifest, describes the
 * stage and holds the digests of the other files, and its own.
 */

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

/** The description in a stage's folder. */
export interface Manifest {
  readonly id: string;
  readonly stage: Stage;
  /** What the id is a hash of; see `determining`. */
  readonly determining: readonly string[];
  readonly provenance: Provenance;
  /** Every other file of the stage, by name. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const schema = z.object({
  id: z.string(),
  stage: z.object({ kind: z.string(), setting: z.object({ seed: z.number() }) }),
  determining: z.array(z.string()).min(1),
  provenance: z.object({
    device: z.string(),
    tensorflow: z.string(),
    node: z.string(),
    seconds: z.number(),
    finished: z.string(),
    code: z.string(),
    platform: z.string().optional(),
  }),
  files: z.record(
    z.string().regex(/^[\w-][\w.-]*$/),
    z.object({ bytes: z.int().min(0), sha256: z.string() }),
  ),
});

const MANIFEST = "stage.json";
const MOST_BYTES = 2 ** 26;
/** Files that are larger are read in parts: at once, 2 GiB are too many. */
const LARGE = 2 ** 30;

/** Writes the manifest of `stage` into its folder, with the digests of `names`, the files that are there. */
export function writeManifest(
  folder: string,
  about: Pick<Manifest, "id" | "stage" | "provenance">,
  names: readonly string[],
): void {
  const files = names.map((name): [string, Manifest["files"][string]] => {
    const file = path.join(folder, name);
    if (fileSystem.statSync(file).size > LARGE) return [name, fileDigest(file)];
    const bytes = fileSystem.readFileSync(file);
    return [name, { bytes: bytes.length, sha256: sha256(bytes) }];
  });
  const manifest = { ...about, determining: determining(about.stage), files: Object.fromEntries(files) };
  writeFlushed(path.join(folder, MANIFEST), Buffer.from(manifestText(manifest)));
}

/** A manifest as it is written, with the digest of all the rest at its end. */
function manifestText(manifest: object): string {
  const digest = sha256(Buffer.from(JSON.stringify(manifest)));
  return `${JSON.stringify({ ...manifest, sha256: digest }, null, 2)}\n`;
}

/**
 * The manifest of a stage's folder. Throws an error that says what is wrong if there is none, if a byte of it is not as
 * it was written, or if it is another stage's. Does not look at the other files.
 */
export function readManifest(folder: string): Manifest {
  if (!fileSystem.statSync(folder).isDirectory()) throw new Error("it is not a folder");
  const text = Buffer.from(readRegularFile(path.join(folder, MANIFEST), MOST_BYTES)).toString();
  const { sha256: digest, ...manifest } = parseObject(text);
  if (digest === undefined) throw new Error(`${MANIFEST} has no digest`);
  if (text !== manifestText(manifest)) throw new Error(`${MANIFEST} does not match its digest`);
  validated(schema, manifest, MANIFEST);
  const found = manifest as unknown as Manifest;
  if (found.id === path.basename(folder)) return found;
  throw new Error(`${MANIFEST} describes ${found.id}`);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    throw new Error(`${MANIFEST} is not JSON`);
  }
}

/** Throws an error that names the first file of a stage that is missing or does not match its digest. */
export function checkFiles(folder: string, { files }: Manifest): void {
  for (const [name, expected] of Object.entries(files)) {
    const file = path.join(folder, name);
    const digest =
      expected.bytes > LARGE ? fileDigest(file).sha256 : sha256(readRegularFile(file, expected.bytes));
    if (digest !== expected.sha256) throw new Error(`${name} does not match its digest`);
  }
}

/**
 * Throws if a manifest's id is not the hash of what it says determines it, or if the last part of that, the hash of the
 * stage's data, is not its stage's. Works for stages of any version of the code and any device.
 */
export function checkId({ id, stage, determining: held }: Manifest): void {
  if (idOf(stage, held) !== id) throw new Error("its id is not the hash of what it says determines it");
  if (definitionId(stage) !== idOf(stage, held.slice(-1)))
    throw new Error("its description is not the one that its id was made from");
}

/** What may be wrong for a while with the machine rather than with a file. */
const PASSING = ["EAGAIN", "EINTR", "EMFILE", "ENFILE", "ENOMEM", "ESTALE", "ETIMEDOUT"];

/**
 * What is wrong with a file or folder by what `check` throws, in words; undefined if nothing. Throws if the machine is
 * short of something, which says nothing about the file.
 */
export function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) return (error as Error).message.replace(/\.$/, "");
    if (PASSING.includes(code)) throw error;
    const name = path.basename((error as NodeJS.ErrnoException).path ?? "it");
    return code === "ENOENT" ? `${name} is missing` : `${name} cannot be read (${code})`;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
