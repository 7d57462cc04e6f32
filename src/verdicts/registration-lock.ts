import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readData } from "../files/data-files.ts";

/*
 * A ledger keeps the digests of the registrations by which its runs were made, so that no rule can be changed
 * unnoticed once its outcome is known.
 */

type Digests = Readonly<Record<string, string>>;

/** The SHA-256 of a registration's file as it is now, in hexadecimal. */
export function registrationDigest(id: string): string {
  return createHash("sha256")
    .update(readData(`data/predictions/${id}.yaml`))
    .digest("hex");
}

/** The digests that a ledger's folder keeps, by registration; none where it has not been written. */
export function sealedDigests(folder: string): Digests {
  const file = fileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Digests) : {};
}

/** The registrations among `ids` that are not as they were when the ledger's runs were made. */
export function changedSince(folder: string, ids: readonly string[]): string[] {
  const sealed = sealedDigests(folder);
  return ids.filter((id) => sealed[id] !== undefined && sealed[id] !== registrationDigest(id));
}

/** Keeps the digests of registrations in a ledger's folder, beside those that it keeps. Throws one sentence where one has changed since it was kept. */
export function seal(folder: string, ids: readonly string[]): void {
  const changed = changedSince(folder, ids);
  if (changed.length > 0) {
    throw new Error(
      `The rules of ${changed.join(", ")} were changed after their runs: restore data/predictions, or register ` +
        "the new rules under a new name and on new seeds.",
    );
  }
  const all = {
    ...sealedDigests(folder),
    ...Object.fromEntries(ids.map((id) => [id, registrationDigest(id)])),
  };
  const digests = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileAtomically(fileOf(folder), Buffer.from(`${JSON.stringify(digests, null, 2)}\n`));
}

const fileOf = (folder: string) => path.join(folder, "registrations.json");
