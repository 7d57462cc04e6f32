import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileDigest } from "../../files/file-digest.ts";
import { repositoryRoot, userPath } from "../../files/repository.ts";
import { hubFile, isHubFile } from "../../hub/index.ts";
import { asJsonLines, isRowFile } from "../../text/json-lines.ts";
import type { TldrFile } from "./files.ts";

/**
 * The files of real posts that `source` names: files, folders, and files on a hub as
 * `hf://datasets/OWNER/NAME[@REVISION]/FILE` (kept in the hub's local cache), separated by commas. They are JSONL, JSON
 * arrays, CSV or Parquet, also packed with gzip. Relative paths start from the user's folder.
 *
 * @throws if a file does not exist or cannot be fetched or read, or if a folder has no such files
 */
export async function locateTldrFiles(source: string): Promise<TldrFile[]> {
  const files: string[] = [];
  const names = source.split(",").map((name) => name.trim());
  for (const name of names.filter((name) => name !== "")) {
    if (isHubFile(name)) files.push(await hubFile(name));
    else files.push(...localFiles(userPath(name)));
  }
  const located: TldrFile[] = [];
  for (const file of files) {
    const lines = await asJsonLines(file);
    const name = lines === file ? {} : { name: path.basename(file) };
    located.push({ path: lines, sha256: fileDigest(lines).sha256, ...name });
  }
  return located;
}

/** The files of rows in the first folder that has some, if any. */
export async function findTldrFiles(folders: readonly string[]): Promise<TldrFile[] | undefined> {
  const folder = folders.find(
    (name) => existsSync(name) && statSync(name).isDirectory() && rowFilesIn(name).length > 0,
  );
  return folder === undefined ? undefined : locateTldrFiles(folder);
}

/** The default folders of TL;DR rows: in the repository's data, and in `shared` beside the repository. */
export function tldrFolders(): string[] {
  const root = repositoryRoot();
  return [path.join(root, "data", "tldr"), path.join(root, "..", "shared", "data", "tldr")];
}

function localFiles(name: string): string[] {
  if (!existsSync(name)) {
    throw new Error(
      `${name} does not exist: give a JSONL file of posts (prompt, completion) or preferences (prompt, chosen, rejected), or a folder of them.`,
    );
  }
  if (!statSync(name).isDirectory()) return [name];
  const found = rowFilesIn(name);
  if (found.length > 0) return found;
  throw new Error(
    `The folder ${name} holds no .jsonl file, nor .json, .csv or .parquet: put the rows there or name another.`,
  );
}

function rowFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() && isRowFile(file));
}
