import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { repositoryRoot } from "../files/repository.ts";

/*
 * The code that turns rows of the ledger into numbers and verdicts, as one digest. Code that computes the rows is left
 * out: what changes there changes the rows.
 */

/** What verdicts are computed by: reading rows, collecting measures, reading registrations, judging. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "src/results/ledger.ts": ["ledgerRecords"],
  "src/results/collect.ts": ["collect"],
  "src/verdicts/read-registration.ts": ["readRegistration"],
  "src/verdicts/judge.ts": ["judge"],
};

const require = createRequire(import.meta.url);
let current: string | undefined;

/**
 * SHA-256 of the code in a copy of this repository that computes measures and verdicts, everything that it imports included. Comments,
 * types, formatting and unused exports make no difference. Throws if the sources do not compile.
 */
export function codeDigest(folder = repositoryRoot()): string {
  const root = realpathSync(folder);
  const esbuild = require("esbuild") as typeof import("esbuild");
  const exported = Object.entries(ENTRIES).map(
    ([file, names]) => `export { ${names.join(", ")} } from ${JSON.stringify(`./${file}`)};`,
  );
  const { outputFiles } = esbuild.buildSync({
    absWorkingDir: root,
    stdin: { contents: exported.join("\n"), resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    charset: "utf8",
    packages: "external",
    external: [path.join(root, "src", "pipeline", "*")],
    minifyWhitespace: true,
    legalComments: "none",
    tsconfigRaw: {},
    logLevel: "silent",
  });
  return createHash("sha256")
    .update(outputFiles.map(({ text }) => text).join())
    .digest("hex");
}

/** The digest of this repository's code, computed once per process. */
export function ownCodeDigest(): string {
  current ??= codeDigest();
  return current;
}
