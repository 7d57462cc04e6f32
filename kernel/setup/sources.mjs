import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { digest } from "./files.mjs";

/** The sources and data below folders of `root`, by their paths from `root`, in order of name. */
export function sourcesBelow(root, folders) {
  const files = [];
  const visit = (place) => {
    if (!existsSync(path.join(root, place))) return;
    for (const entry of readdirSync(path.join(root, place), { withFileTypes: true })) {
      const inside = `${place}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "dist" && entry.name !== "node_modules") visit(inside);
      } else if (/\.(ts|json)$/.test(entry.name)) files.push(inside);
    }
  };
  for (const folder of folders) visit(folder);
  return files.sort();
}

const digestOf = (root, files) =>
  digest(...files.flatMap((file) => [file, readFileSync(path.join(root, file))]));

/**
 * 16 hexadecimal digits that change with the code and data that `entry` reaches by its imports and with the
 * versions of the packages that `manifest` pins: part of the name of every result that it computes.
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
  return digestOf(root, [...Object.keys(metafile.inputs).sort(), manifest]).slice(0, 16);
}

/** Changes with whatever goes into the bundles and the declarations. */
export function buildKey(root) {
  const sources = sourcesBelow(root, ["src", "kernel", "data"]);
  const settings = ["tsconfig.json", "package-lock.json", "src/tsconfig.json", "kernel/tsconfig.json"];
  return digestOf(root, [...sources, ...settings, "kernel/setup/build.mjs"]);
}
