import { createHash } from "node:crypto";
import { readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { repositoryRoot } from "../files/repository.ts";

/*
 * The code that turns rows of the ledger and registered rules into numbers and verdicts, as one digest. Code that computes
 * rows or reads registrations is left out: what changes there changes rows and rules, which are sealed themselves.
 */

/** What verdicts are computed by: reading rows, collecting measures, judging. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "src/results/ledger.ts": ["ledgerRows"],
  "src/results/collect.ts": ["collect"],
  "src/verdicts/judge.ts": ["judge"],
};

/** Folders of src that are not followed, apart from files that compute a measure from a plan. */
const LEFT_OUT = ["files", "pipeline"];
const KEPT = ["forward-passes.ts"];

const require = createRequire(import.meta.url);
let current: string | undefined;

/**
 * SHA-256 of the code that computes measures and verdicts, in this repository or a copy of it. Comments, types, formatting
 * and unused exports make no difference. Throws if the sources do not compile.
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
    external: LEFT_OUT.flatMap((name) => {
      const folder = path.join(root, "src", name);
      const files = readdirSync(folder).filter((file) => !KEPT.includes(file));
      return files.map((file) => path.join(folder, file));
    }),
    minifyWhitespace: true,
    legalComments: "none",
    tsconfigRaw: {},
    logLevel: "silent",
  });
  const [bundle] = outputFiles;
  // As TypeScript, names that are imported and used only by what was left out are left out too.
  const { code } = esbuild.transformSync(bundle?.text ?? "", {
    loader: "ts",
    charset: "utf8",
    minifyWhitespace: true,
  });
  return createHash("sha256").update(code).digest("hex");
}

/** The digest of this repository's code, computed once per process. */
export function ownCodeDigest(): string {
  current ??= codeDigest();
  return current;
}
