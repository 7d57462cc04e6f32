import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { repositoryRoot, userPath } from "../../files/repository.ts";
import { fileDigest, type TldrFile } from "../open-task.ts";

const HUB_FILE = /^hf:\/\/datasets\/([^/]+\/[^/]+)\/(.+)$/;

/**
 * The JSONL files of real posts that `source` names: files, folders of them, and files on the Hugging Face hub
 * as `hf://datasets/OWNER/NAME/FILE.jsonl` (kept in the hub's local cache), separated by commas. Relative names
 * start from where the user is. Throws one sentence where one of them cannot be had or none holds rows.
 */
export async function locateTldrFiles(source: string): Promise<TldrFile[]> {
  const files: string[] = [];
  const names = source.split(",").map((part) => part.trim());
  for (const name of names.filter((part) => part !== "")) {
    const hub = name.match(HUB_FILE);
    if (hub !== null) files.push(await fromHub(name, hub[1]!, hub[2]!));
    else files.push(...localFiles(userPath(name)));
  }
  return files.map((file) => ({
    path: file,
    sha256: fileDigest(file),
  }));
}

/**
 * The first of `folders` that holds JSONL files, as `locateTldrFiles` gives them; nothing where none does.
 */
export async function findTldrFiles(folders: readonly string[]): Promise<TldrFile[] | undefined> {
  const folder = folders.find(
    (name) => existsSync(name) && statSync(name).isDirectory() && jsonlIn(name).length > 0,
  );
  return folder === undefined ? undefined : locateTldrFiles(folder);
}

/** Where rows are looked for when none are named: beside the repository's own data, and beside the repository. */
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

async function fromHub(name: string, dataset: string, file: string): Promise<string> {
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
