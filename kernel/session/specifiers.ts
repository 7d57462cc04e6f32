import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Whether an import specifier is a relative or absolute path, also one with a drive of Windows, or a file URL. */
export const isLocalSpecifier = (specifier: string): boolean =>
  /^(\.{1,2}(\/|$)|\/|[a-z]:[\\/]|file:)/i.test(specifier);

/** The path that a local specifier names. */
export const localPath = (specifier: string, platform = process.platform): string =>
  specifier.startsWith("file:") ? fileURLToPath(specifier, { windows: platform === "win32" }) : specifier;

/** Whether an import specifier names a package or a subpath of one. */
export const isPackageSpecifier = (specifier: string): boolean =>
  !isLocalSpecifier(specifier) && !isBuiltin(specifier) && /^(@[^/]+\/)?[^/#:]+/.test(specifier);

/** The name of the package in a package specifier: "@scope/name" or "name". */
export const packageName = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** The files that a local specifier may refer to, in order of preference. */
export function candidateFiles(specifier: string, folder: string): string[] {
  const base = path.resolve(folder, localPath(specifier));
  const typeScript = base.replace(/\.([cm]?)jsx?$/, ".$1ts");
  const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
  const indexFiles = ["index.ts", "index.tsx", "index.js"].map((name) => path.join(base, name));
  return [
    base,
    ...(typeScript === base ? [] : [typeScript]),
    ...extensions.map((extension) => base + extension),
    ...indexFiles,
  ];
}

/** Where the package.json of an imported package may be, from the folder's own node_modules upwards. */
export function candidateManifests(specifier: string, folder: string): string[] {
  const manifests: string[] = [];
  for (let parent = folder; ; parent = path.dirname(parent)) {
    manifests.push(path.join(parent, "node_modules", packageName(specifier), "package.json"));
    if (parent === path.dirname(parent)) return manifests;
  }
}

/** The first of some files that exists. */
export const firstExisting = (files: string[]): string | undefined => files.find((file) => existsSync(file));
