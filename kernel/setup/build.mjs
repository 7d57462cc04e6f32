import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { readJson, writeAtomically } from "./files.mjs";
import { bundledLicenses } from "./licenses.mjs";
import { runLogged } from "./shell.mjs";
import { buildKey, codeDigests } from "./sources.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** CommonJS has no `import.meta`: its url is replaced by that of the bundle. */
const COMMONJS = {
  format: "cjs",
  extension: ".cjs",
  banner: 'const __bundle_url = require("node:url").pathToFileURL(__filename).href;',
  define: { "import.meta.url": "__bundle_url" },
};

/** Packages that notebooks import. They are CommonJS, the only format that tslab can import. */
const LIBRARY = { ...COMMONJS, packages: "external", sourcemap: true };

/** The kernel's programs. They contain all dependencies that are not native, which makes them start faster. */
const PROGRAM = { external: ["esbuild", "typescript"], minify: true };

/** The program that Jupyter starts, and the protocol thread: Node loads CommonJS faster than ES modules. */
const START_PROGRAM = { ...COMMONJS, ...PROGRAM };

/** What draws charts, without the package canvas, which is optional. */
const DRAWING = { ...COMMONJS, external: ["canvas"], minify: true };

/** The program in which cells run: an ES module, so that `import.meta.resolve` works as in one. */
const EVALUATION_PROGRAM = {
  ...PROGRAM,
  format: "esm",
  extension: ".mjs",
  banner:
    'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

/** Transforms of Vega that few charts have and that would make every page larger. Such charts stay static. */
const RARE = ["vega-force", "vega-hierarchy", "vega-wordcloud", "vega-voronoi", "vega-crossfilter"];

/** Scripts of the report pages, run in the browser. */
const PAGE_SCRIPT = {
  format: "iife",
  extension: ".js",
  platform: "browser",
  target: "es2022",
  minify: true,
  alias: Object.fromEntries(RARE.map((name) => [name, "./kernel/page/no-transforms.ts"])),
};

/**
 * The bundles of each folder's `dist`, by esbuild options; `entries` are source files by the names of their bundles.
 */
const BUNDLES = [
  {
    folder: "src",
    options: LIBRARY,
    entries: { index: "src/main.ts", worker: "src/worker.ts", start: "src/start.ts" },
  },
  { folder: "kernel", options: LIBRARY, entries: { index: "kernel/display/index.ts" } },
  {
    folder: "kernel",
    options: START_PROGRAM,
    entries: { start: "kernel/evaluate/start.ts", protocol: "kernel/protocol/thread.ts" },
  },
  { folder: "kernel", options: DRAWING, entries: { vega: "kernel/display/vega-built-in.ts" } },
  { folder: "kernel", options: EVALUATION_PROGRAM, entries: { main: "kernel/evaluate/main.ts" } },
  { folder: "kernel", options: PAGE_SCRIPT, entries: { charts: "kernel/page/charts.ts" } },
];

/** The code that computes cached results, by the parts that their ids depend on. See `codeDigests`. */
export const RESULT_CODE = {
  "kind *": "src/pipeline/kinds.ts",
  "task *": "src/tasks/built-in-tasks.ts",
  common: "src/pipeline/compute-stage.ts",
  library: "src/main.ts",
};

/** The entries of a bundle whose source file exists, as [name, source]. */
const existingEntries = (bundle, paths) =>
  Object.entries(bundle.entries).filter(([, file]) => existsSync(path.join(paths.root, file)));

/** Records the hash of the sources of each folder's last build. */
const stampFile = (paths) => path.join(paths.cache, "build.json");

/** The folders that are built and exist. */
const builtFolders = (paths) => [
  ...new Set(
    BUNDLES.filter((bundle) => existingEntries(bundle, paths).length > 0).map(({ folder }) => folder),
  ),
];

/** The bundles of a folder's `dist`, by their paths. */
const bundlesOf = (folder, paths) =>
  BUNDLES.filter((bundle) => bundle.folder === folder).flatMap((bundle) =>
    existingEntries(bundle, paths).map(([name]) =>
      path.join(paths.root, folder, "dist", `${name}${bundle.options.extension}`),
    ),
  );

/** Whether a folder has been built from its present sources. */
const isBuilt = (folder, paths) =>
  readJson(stampFile(paths))?.[folder] === buildKey(paths.root, folder) &&
  bundlesOf(folder, paths).every((file) => existsSync(file));

/** The paths of all files in a folder and its subfolders, relative to it. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => statSync(path.join(folder, name)).isFile());
}

/** Moves every file of `built` into `dist`, each by a rename, then deletes the files of earlier builds. */
function replaceFiles(dist, built) {
  const names = filesBelow(built);
  for (const name of names) {
    mkdirSync(path.dirname(path.join(dist, name)), { recursive: true });
    renameSync(path.join(built, name), path.join(dist, name));
  }
  const kept = new Set(names);
  for (const name of filesBelow(dist)) if (!kept.has(name)) rmSync(path.join(dist, name));
}

/** Removes ".ts" from the relative imports of a declaration: tslab's TypeScript does not resolve them. */
export function dropTsExtensions(declaration) {
  return declaration.replace(/((?:from|import)\s*\(?\s*)(["'])(\.{1,2}\/[^"']*)\.ts\2/g, "$1$2$3$2");
}

/** The constants that esbuild replaces in a folder's sources. */
async function buildConstants(folder, { paths, esbuild }) {
  if (folder === "kernel")
    return { __KERNEL_VERSION__: readJson(path.join(paths.root, "kernel", "package.json")).version };
  return { __CODE_DIGESTS__: await codeDigests(paths.root, RESULT_CODE, "src/package.json", esbuild) };
}

/**
 * Builds one of BUNDLES into a folder. Returns what it consists of.
 *
 * @returns {Promise<import("esbuild").Metafile>}
 * @throws {Failure} with the first error of esbuild
 */
async function buildBundle(bundle, folder, { paths, esbuild }) {
  const { extension, banner, define, ...options } = bundle.options;
  try {
    const constants = Object.entries(await buildConstants(bundle.folder, { paths, esbuild }));
    const { metafile } = await esbuild.build({
      metafile: true,
      absWorkingDir: paths.root,
      entryPoints: existingEntries(bundle, paths).map(([name, file]) => ({ in: file, out: name })),
      outdir: folder,
      outExtension: { ".js": extension },
      bundle: true,
      platform: "node",
      target: "node20",
      charset: "utf8",
      logLevel: "silent",
      banner: banner ? { js: banner } : {},
      define: {
        ...define,
        ...Object.fromEntries(constants.map(([name, value]) => [name, JSON.stringify(value)])),
      },
      ...options,
    });
    return metafile;
  } catch (error) {
    const { text, location } = error.errors?.[0] ?? { text: error.message };
    const position = location ? `${location.file}:${location.line}: ` : "";
    throw new Failure(`Building ${bundle.folder} failed: ${position}${text}.`);
  }
}

/** Builds the kernel and its display library into a folder. Tests use it to run without set-up. */
export async function bundleKernel(output, { paths, esbuild }) {
  for (const bundle of BUNDLES.filter(({ folder }) => folder === "kernel"))
    await buildBundle(bundle, output, { paths, esbuild });
}

/** Writes the type declarations of a folder into `output`. */
async function declareTypes(folder, output, { paths }) {
  const tsc = path.join(paths.nodeModules, "typescript", "bin", "tsc");
  const project = path.join(paths.root, folder, "tsconfig.json");
  const types = path.join(output, "types");
  const args = [tsc, "-p", project, "--noCheck", "--outDir", types];
  await runLogged(`Writing the type declarations of ${folder}`, process.execPath, args, {
    cwd: paths.root,
    log: paths.log,
  });
  for (const name of filesBelow(types)) {
    const file = path.join(types, name);
    writeFileSync(file, dropTsExtensions(readFileSync(file, "utf8")));
  }
  // The bundles are CommonJS, and so are their declarations, whose imports have no extensions.
  writeFileSync(path.join(types, "package.json"), '{ "type": "commonjs" }\n');
}

/** As `Promise.all`, but waits until all have ended, since they write into one folder. */
async function allEnded(promises) {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Builds a folder's bundles and type declarations. */
async function buildFolder(folder, { paths, esbuild }) {
  const built = path.join(paths.scratch, `dist-${folder}`);
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  const bundles = BUNDLES.filter(
    (bundle) => bundle.folder === folder && existingEntries(bundle, paths).length > 0,
  );
  const [metafiles] = await allEnded([
    allEnded(bundles.map((bundle) => buildBundle(bundle, built, { paths, esbuild }))),
    declareTypes(folder, built, { paths }),
  ]);
  writeFileSync(path.join(built, "LICENSES.txt"), bundledLicenses(metafiles, paths.root));
  replaceFiles(path.join(paths.root, folder, "dist"), built);
  rmSync(built, { recursive: true, force: true });
}

/** The bundles and type declarations of src and kernel. Each folder is rebuilt if a source of it has changed. */
export const build = {
  name: "build",
  after: ["npm packages"],
  /** @param {Context} context */
  ready: ({ paths }) => builtFolders(paths).every((folder) => isBuilt(folder, paths)),
  /** @param {Context} context */
  async run({ paths }) {
    const folders = builtFolders(paths).filter((folder) => !isBuilt(folder, paths));
    const keys = Object.fromEntries(folders.map((folder) => [folder, buildKey(paths.root, folder)]));
    const esbuild = await import("esbuild");
    await allEnded(folders.map((folder) => buildFolder(folder, { paths, esbuild })));
    writeAtomically(stampFile(paths), JSON.stringify({ ...readJson(stampFile(paths)), ...keys }));
  },
};

/**
 * Marks what has been built as newer than its sources, whose times change without their texts when a file is saved
 * again or a branch is checked out. The kernel compares the times before it builds a package.
 *
 * @param {import("./paths.mjs").Paths} paths
 */
export function markAsCurrent(paths) {
  const now = new Date();
  for (const file of builtFolders(paths).flatMap((folder) => bundlesOf(folder, paths)))
    utimesSync(file, now, now);
}
