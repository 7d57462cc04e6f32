import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readJson, sha256 } from "./files.mjs";

/**
 * The code and JSON files in some folders of `root`, as sorted paths relative to `root`. Build output is left out, and so
 * are hidden folders, in which editors such as JupyterLab keep copies.
 */
export function sourceFiles(root, folders) {
  const files = [];
  const visit = (folder) => {
    if (!existsSync(path.join(root, folder))) return;
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "dist" && entry.name !== "node_modules" && !entry.name.startsWith("."))
          visit(file);
      } else if (/\.(ts|mjs|json)$/.test(entry.name)) files.push(file);
    }
  };
  for (const folder of folders) visit(folder);
  return files.sort();
}

const hashFiles = (root, files) =>
  sha256(...files.flatMap((file) => [file, readFileSync(path.join(root, file))]));

/**
 * Digests of parts of the code: of what a part runs, however many modules it is spread over, and of the pinned versions
 * of the packages that it imports. Comments, types and unused code do not count.
 *
 * @param {string} root
 * @param {Record<string, string>} modules the module of each part, relative to `root`. A part named "WORD *" stands for
 *   one part "WORD EXPORT" for each export of its module. Such a module is left out of all other parts, since those
 *   who import it choose one of its exports.
 * @param {string} manifest the package.json that pins the packages, relative to `root`
 * @param {typeof import("esbuild")} esbuild
 * @returns {Promise<Record<string, string>>} 16 hexadecimal digits by part
 */
export async function codeDigests(root, modules, manifest, esbuild) {
  const versions = readJson(path.join(root, manifest)).dependencies;
  const apart = Object.keys(modules)
    .filter((part) => part.endsWith(" *"))
    .map((part) => modules[part]);
  const bundle = async (contents) => {
    const { outputFiles, metafile } = await esbuild.build({
      absWorkingDir: root,
      stdin: { contents, resolveDir: root, loader: "ts" },
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      minifyWhitespace: true,
      legalComments: "none",
      logLevel: "silent",
      plugins: [leaveOut(root, apart)],
    });
    const [code] = outputFiles.map((file) => file.contents);
    const [output] = Object.values(metafile.outputs);
    return { code, exports: output?.exports ?? [], imports: output?.imports.map((one) => one.path) ?? [] };
  };
  const digest = async (exported, module) => {
    const { code, imports } = await bundle(`export ${exported} from "./${module}";`);
    const used = (name) => imports.some((one) => one === name || one.startsWith(`${name}/`));
    const packages = Object.keys(versions).filter(used).sort();
    return sha256(code, ...packages.map((name) => `${name}@${versions[name]}`)).slice(0, 16);
  };
  const digests = {};
  for (const [part, module] of Object.entries(modules)) {
    if (!part.endsWith(" *")) digests[part] = await digest("*", module);
    else
      for (const name of (await bundle(`export * from "./${module}";`)).exports.sort())
        digests[part.replace("*", name)] = await digest(`{ ${JSON.stringify(name)} }`, module);
  }
  return digests;
}

/** An esbuild plugin that leaves modules out of a bundle, except where its first module imports them. */
const leaveOut = (root, modules) => ({
  name: "leave out",
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path: name, importer, resolveDir }) => {
      const file = path.relative(root, path.join(resolveDir, name)).replaceAll(path.sep, "/");
      return importer !== "<stdin>" && modules.includes(file) ? { path: name, external: true } : undefined;
    });
  },
});

/** What the folders are built from: sources, and the code that builds them. */
const BUILT_FROM = { src: ["src", "data", "kernel/setup"], kernel: ["kernel"] };

/** A hash of everything that a folder's bundles and type declarations are built from. */
export function buildKey(root, folder) {
  const sources = sourceFiles(root, BUILT_FROM[folder]);
  return hashFiles(root, [...sources, "tsconfig.json", "package-lock.json", `${folder}/tsconfig.json`]);
}
