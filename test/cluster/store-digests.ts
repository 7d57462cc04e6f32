import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The digests of the files of some seeds' stages in a store, without manifests, which have times. */
export function storeDigests(store: string, seeds: readonly number[]): [string, string][] {
  const names = readdirSync(store).filter((name) => seeds.some((seed) => name.includes(`-seed${seed}-`)));
  return names.sort().flatMap((name) =>
    readdirSync(path.join(store, name))
      .filter((file) => file !== "stage.json")
      .map((file): [string, string] => {
        const bytes = readFileSync(path.join(store, name, file));
        return [`${name}/${file}`, createHash("sha256").update(bytes).digest("hex")];
      }),
  );
}
