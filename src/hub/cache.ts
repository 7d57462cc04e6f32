import {
  copyFileSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { makeFolder, temporaryName, writeFileAtomically } from "../files/atomic-write.ts";
import { errorCode } from "../files/file-system.ts";
import { checkedFile, type HubReference, type HubRepository, isCommit } from "./names.ts";

/*
 * The cache of huggingface_hub: a folder per repository with `blobs/HASH`, the files by their hashes,
 * `snapshots/COMMIT/NAME`, links to the blobs, and `refs/BRANCH`, which hold commits' hashes.
 */

/** The folder of a repository, such as `CACHE/models--OWNER--NAME`. */
export function repositoryFolder(cache: string, { type, name }: HubRepository): string {
  return path.join(cache, [`${type}s`, ...name.split("/")].join("--"));
}

/** The commit that a revision was when it was last asked for; a commit is itself. Undefined if it was never. */
export function cachedCommit(cache: string, reference: HubReference): string | undefined {
  if (isCommit(reference.revision)) return reference.revision;
  try {
    const ref = path.join(repositoryFolder(cache, reference), "refs", ...reference.revision.split("/"));
    const commit = readFileSync(ref, "utf8").trim();
    return isCommit(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** The folder of a commit's files, which may hold only some of them. */
export function snapshotFolder(cache: string, repository: HubRepository, commit: string): string {
  return path.join(repositoryFolder(cache, repository), "snapshots", commit);
}

/**
 * The path of a cached file of a commit; undefined if it is not in the cache. Throws if it is a link that leads out of the
 * cache.
 */
export function cachedFile(
  cache: string,
  repository: HubRepository,
  commit: string,
  file: string,
): string | undefined {
  const found = path.join(snapshotFolder(cache, repository, commit), ...checkedFile(file).split("/"));
  if (!existsSync(found)) return undefined;
  checkInside(found, cache);
  return found;
}

/** The path of a blob. */
export function blobFile(cache: string, repository: HubRepository, hash: string): string {
  return path.join(repositoryFolder(cache, repository), "blobs", hash);
}

/** Makes `file` of a commit's snapshot a link to a blob, or a copy where links cannot be made; returns its path. */
export function linkBlob(
  cache: string,
  repository: HubRepository,
  commit: string,
  file: string,
  blob: string,
): string {
  const place = path.join(snapshotFolder(cache, repository, commit), ...checkedFile(file).split("/"));
  const folder = path.dirname(place);
  makeFolder(folder);
  checkInside(folder, cache);
  const temporary = path.join(folder, temporaryName(path.basename(file)));
  try {
    try {
      symlinkSync(path.relative(realpathSync(folder), realpathSync(blob)), temporary);
    } catch (error) {
      if (!["EPERM", "ENOSYS", "ENOTSUP"].includes(errorCode(error) ?? "")) throw error;
      copyFileSync(blob, temporary);
    }
    renameSync(temporary, place);
  } finally {
    rmSync(temporary, { force: true });
  }
  return place;
}

/** Notes which commit a branch or a tag is. */
export function writeRef(cache: string, reference: HubReference, commit: string): void {
  if (reference.revision === commit || cachedCommit(cache, reference) === commit) return;
  const ref = path.join(repositoryFolder(cache, reference), "refs", ...reference.revision.split("/"));
  makeFolder(path.dirname(ref));
  checkInside(path.dirname(ref), cache);
  writeFileAtomically(ref, Buffer.from(commit));
}

/** Throws if `found` is outside `folder` once links are followed. */
function checkInside(found: string, folder: string): void {
  const real = realpathSync(found);
  if (real === realpathSync(folder) || real.startsWith(realpathSync(folder) + path.sep)) return;
  throw new Error(`${found} is a link out of the cache ${folder}, to ${real}: remove it and try again.`);
}
