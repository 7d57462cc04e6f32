import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The program node in the folders below one, as version managers keep them. */
const below = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name, "bin", "node")) : [];

/**
 * The Nodes of the supported versions that are found, one for each, by version: the one that runs the tests, those that
 * ALLROADS_NODES names (separated by colons), and those of version managers.
 */
export function nodeVersions(): ReadonlyMap<string, string> {
  const named = (process.env.ALLROADS_NODES ?? "").split(":").filter(Boolean);
  const managed = [path.join(os.homedir(), ".nvm", "versions", "node"), "/usr/local/n/versions/node"].flatMap(
    below,
  );
  const onPath = (process.env.PATH ?? "")
    .split(":")
    .flatMap((folder) => [20, 22, 24].map((major) => path.join(folder, `node${major}`)));
  const found = new Map<string, string>([[major(process.version), process.execPath]]);
  for (const node of [...named, ...managed, ...onPath].filter((file) => existsSync(file))) {
    const version = major(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "");
    if (["20", "22", "24"].includes(version) && !found.has(version)) found.set(version, node);
  }
  return found;
}

const major = (version: string) => /^v(\d+)\./.exec(version)?.[1] ?? "";
