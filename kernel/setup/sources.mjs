import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sha256 } from "./files.mjs";

/** The code and JSON files in some folders of `root`, as sorted paths relative to `root`. Build output is left out. */
export function sourceFiles(root, folders) {
  const files = [];
  const visit = (folder) => {
    if (!existsSync(path.join(root, folder))) return;
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "dist" && entry.name !== "node_modules") visit(file);
      } else if (/\.(ts|mjs|json)$/.test(entry.name)) files.push(file);
    }
  };
  for (const folder of folders) visit(folder);
  return files.sort();
}

const hashFiles = (root, files) =>
  sha256(...files.flatMap((file) => [file, readFileSync(path.join(root, file))]));

/**
 * The version of the code that computes results: a hash of `entry`, everything it imports, and the package versions
 * pinned in `manifest`. It is part of every stage's cache key.
 *
 * @param {string} root
 * @param {string} entry path relative to `root`
 * @param {string} manifest path relative to `root`
 * @param {typeof import("esbuild")} esbuild
 * @returns {Promise<string>} 16 hexadecimal digits
 */
export async function codeVersion(root, entry, manifest, esbuild) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  return hashFiles(root, [...Object.keys(metafile.inputs).sort(), manifest]).slice(0, 16);
}

/** A hash of everything that the bundles and type declarations are built from. */
export function buildKey(root) {
  const sources = sourceFiles(root, ["src", "kernel", "data"]);
  const settings = ["tsconfig.json", "package-lock.json", "src/tsconfig.json", "kernel/tsconfig.json"];
  return hashFiles(root, [...sources, ...settings]);
}
