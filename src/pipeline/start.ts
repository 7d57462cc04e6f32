import { existsSync } from "node:fs";
import path from "node:path";
import { type FileDigest, fileDigest } from "../files/file-digest.ts";
import { userPath } from "../files/repository.ts";
import { modelSnapshot } from "../hub/hub.ts";
import { loadPolicy } from "../models/checkpoint.ts";
import { checkpointFiles } from "../models/checkpoint-files.ts";
import { planCheckpoint } from "../models/checkpoint-plan.ts";
import type { Head, Model, NeoXConfig } from "../models/gpt-neox.ts";
import type { Vocabulary } from "../tasks/task.ts";

/*
 * A published model as what a stage starts from. A stage holds the digests of its files, so that the same files give the
 * same stage wherever they lie and whatever they are called, and other files another.
 */

/** Where a published model is: in a folder, or on the hub under a name and a revision. */
export type StartSource = { readonly folder: string } | { readonly hub: string; readonly revision?: string };

/** A published model: its files with their digests, tokenizer included, and what its config says. */
export interface Start {
  /** The absolute path of the folder that holds them here. */
  readonly folder: string;
  /** The name and the revision under which it was asked for. */
  readonly hub?: string;
  readonly revision?: string;
  readonly model: NeoXConfig;
  readonly head: Head;
  readonly files: readonly (FileDigest & { readonly name: string })[];
}

/** A published model's tokenizer. */
export const TOKENIZER = "tokenizer.json";

/**
 * Finds a published model and takes the digests of its files. A model of the hub is downloaded, as far as its cache lacks files. Throws if
 * its files cannot be used, naming the file.
 */
export async function locateStart(source: StartSource, findHub = modelSnapshot): Promise<Start> {
  const given = "hub" in source ? (await findHub(source.hub, source.revision)).folder : source.folder;
  const folder = userPath(given);
  const { config, head, close } = planCheckpoint(folder);
  close();
  const tokenizer = path.join(folder, TOKENIZER);
  const names = [...checkpointFiles(folder), ...(existsSync(tokenizer) ? [tokenizer] : [])];
  const files = names.map((name) => ({ name: path.basename(name), ...fileDigest(name) }));
  const asked =
    "hub" in source ? { hub: source.hub, ...(source.revision && { revision: source.revision }) } : {};
  return { folder, ...asked, model: config, head, files };
}

/** What of a published model determines results: the contents of its files. */
export function startIdentity({ files }: Start): unknown {
  return files.map(({ name, sha256 }) => [name, sha256]);
}

/** The file of a published model's tokenizer. Throws if it comes without one. */
export function startTokenizer({ folder, files }: Start): { readonly path: string; readonly sha256: string } {
  const file = path.join(folder, TOKENIZER);
  const found = files.find(({ name }) => name === TOKENIZER);
  if (found !== undefined) return { path: file, sha256: found.sha256 };
  throw new Error(`${file} is missing: add the tokenizer that the model was trained with.`);
}

/** What must have each head. */
const NEEDED = {
  language: "a policy needs a language model",
  reward: "a reward model needs a scalar head",
} as const;

/** Heads in words. */
const FOUND: Readonly<Record<Head, string>> = { language: "a language", reward: "a reward", none: "no" };

/**
 * The model of a start. Throws if a file has changed since `locateStart`, the model has another head than a given one, or it
 * lacks ids of the task's `vocabulary`.
 */
export function openStart(start: Start, head?: keyof typeof NEEDED, vocabulary?: Vocabulary): Model {
  for (const { name, sha256 } of start.files) {
    const file = path.join(start.folder, name);
    if (existsSync(file) && fileDigest(file).sha256 === sha256) continue;
    throw new Error(`${file} has changed since this stage was planned, or is gone: plan it again.`);
  }
  const config = path.join(start.folder, "config.json");
  if (head !== undefined && start.head !== head)
    throw new Error(`${config}: ${NEEDED[head]}, and this one has ${FOUND[start.head]} head.`);
  const { vocab_size: size } = start.model;
  if (vocabulary !== undefined && vocabulary.size > size) {
    throw new Error(
      `${config}: the model has ${size} ids and the task's tokenizer ${vocabulary.size}; use the tokenizer that belongs to ` +
        "the model.",
    );
  }
  return loadPolicy(start.folder);
}
