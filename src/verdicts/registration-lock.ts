import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readData } from "../files/data-files.ts";

/*
 * A ledger keeps the SHA-256 of every registration that its runs were made for, in registrations.json, so that a rule
 * cannot be changed unnoticed once its outcome is known.
 */

/** SHA-256 digests in hexadecimal, by registration. */
type Digests = Readonly<Record<string, string>>;

/** The digest of a registration's file as it is now. */
export function registrationDigest(id: string): string {
  return createHash("sha256")
    .update(readData(`data/predictions/${id}.yaml`))
    .digest("hex");
}

/** The digests kept in a ledger's folder; none if it has not been written. */
export function lockedDigests(folder: string): Digests {
  const file = fileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Digests) : {};
}

/** The registrations among `ids` that differ from those that the ledger's runs were made for. */
export function changedRegistrations(folder: string, ids: readonly string[]): string[] {
  const locked = lockedDigests(folder);
  return ids.filter((id) => locked[id] !== undefined && locked[id] !== registrationDigest(id));
}

/** Adds the digests of registrations to a ledger's folder. Throws if one has changed since it was added. */
export function lockRegistrations(folder: string, ids: readonly string[]): void {
  const changed = changedRegistrations(folder, ids);
  if (changed.length > 0) {
    throw new Error(
      `The rules of ${changed.join(", ")} were changed after their runs: restore data/predictions, or register ` +
        "the new rules under a new name and on new seeds.",
    );
  }
  const all = {
    ...lockedDigests(folder),
    ...Object.fromEntries(ids.map((id) => [id, registrationDigest(id)])),
  };
  const digests = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileAtomically(fileOf(folder), Buffer.from(`${JSON.stringify(digests, null, 2)}\n`));
}

const fileOf = (folder: string) => path.join(folder, "registrations.json");
