import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { repositoryRoot, userPath } from "../../files/repository.ts";
import { parseRows, type Row, readText } from "../../text/rows.ts";

/** A JSONL file and the SHA-256 of its text, which identifies it wherever it is. */
export interface TldrFile {
  readonly path: string;
  readonly sha256: string;
}

const HUB_FILE = /^hf:\/\/datasets\/([^/]+\/[^/]+)\/(.+)$/;

/**
 * The JSONL files of real posts that `source` names: files, folders, and files on the Hugging Face hub as
 * `hf://datasets/OWNER/NAME/FILE.jsonl` (kept in the hub's local cache), separated by commas. Relative paths start from
 * the user's folder.
 *
 * @throws if a file does not exist or cannot be fetched, or if a folder has no JSONL files
 */
export async function locateTldrFiles(source: string): Promise<TldrFile[]> {
  const files: string[] = [];
  const names = source.split(",").map((name) => name.trim());
  for (const name of names.filter((name) => name !== "")) {
    const [, dataset, file] = HUB_FILE.exec(name) ?? [];
    if (dataset !== undefined && file !== undefined) files.push(await fetchFromHub(name, dataset, file));
    else files.push(...localFiles(userPath(name)));
  }
  return files.map((file) => ({ path: file, sha256: digest(readText(file)) }));
}

/** The JSONL files of the first folder that has some, if any. */
export async function findTldrFiles(folders: readonly string[]): Promise<TldrFile[] | undefined> {
  const folder = folders.find(
    (name) => existsSync(name) && statSync(name).isDirectory() && jsonlIn(name).length > 0,
  );
  return folder === undefined ? undefined : locateTldrFiles(folder);
}

/** The default folders of TL;DR rows: in the repository's data, and in `shared` beside the repository. */
export function tldrFolders(): string[] {
  const root = repositoryRoot();
  return [path.join(root, "data", "tldr"), path.join(root, "..", "shared", "data", "tldr")];
}

/**
 * The rows of several files: those with a human summary, and those with a preference. A row may have both.
 *
 * @throws if a file has changed since it was located, or has an invalid row
 */
export function tldrRows(files: readonly TldrFile[]): { posts: Row[]; preferences: Row[] } {
  const rows = files.flatMap((file) => {
    const text = readText(file.path);
    if (file.sha256 !== digest(text)) {
      throw new Error(`${file.path} has changed since this experiment began: start it again.`);
    }
    return parseRows(text, path.basename(file.path));
  });
  return {
    posts: rows.filter((row) => row.completion !== undefined),
    preferences: rows.filter((row) => row.chosen !== undefined),
  };
}

/** SHA-256 in hexadecimal. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function localFiles(name: string): string[] {
  if (!existsSync(name)) {
    throw new Error(
      `${name} does not exist: give a JSONL file of posts (prompt, completion) or preferences (prompt, chosen, rejected), or a folder of them.`,
    );
  }
  if (!statSync(name).isDirectory()) return [name];
  const found = jsonlIn(name);
  if (found.length === 0)
    throw new Error(`The folder ${name} holds no .jsonl file: put the rows there or name another.`);
  return found;
}

function jsonlIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => path.join(folder, name));
}

async function fetchFromHub(name: string, dataset: string, file: string): Promise<string> {
  try {
    const { downloadFileToCacheDir } = await import("@huggingface/hub");
    return await downloadFileToCacheDir({ repo: { type: "dataset", name: dataset }, path: file });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${name} could not be fetched (${reason}): check the name and the network, or give a local file.`,
    );
  }
}
