import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { jsonOf, textOf, writeAtomically } from "./files.mjs";
import { quietly } from "./shell.mjs";
import { buildKey, codeVersion } from "./sources.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** CommonJS has no import.meta: its url is that of the bundle. */
const COMMONJS = {
  format: "cjs",
  extension: ".cjs",
  banner: 'const __bundle_url = require("node:url").pathToFileURL(__filename).href;',
  define: { "import.meta.url": "__bundle_url" },
};

/** What notebooks import: CommonJS, because that is all that tslab can import. */
const LIBRARY = { ...COMMONJS, packages: "external", sourcemap: true };

/** The kernel itself, with all that is not native inside, so that it starts at once. */
const PROGRAM = { external: ["zeromq", "esbuild", "typescript"], minify: true };

/** What Jupyter waits for: Node starts CommonJS sooner than modules. */
const FIRST = { ...COMMONJS, ...PROGRAM };

/** What cells run in: only modules can resolve as modules do. */
const SECOND = {
  ...PROGRAM,
  keepNames: true,
  format: "esm",
  extension: ".mjs",
  banner:
    'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

/** What runs in the browser that shows a report. */
const PAGE = { format: "iife", extension: ".js", platform: "browser", target: "es2022", minify: true };

const ROOMS = [
  { folder: "src", style: LIBRARY, entries: { index: "src/main.ts", worker: "src/worker.ts" } },
  { folder: "kernel", style: LIBRARY, entries: { index: "kernel/display/index.ts" } },
  {
    folder: "kernel",
    style: FIRST,
    entries: { start: "kernel/evaluate/start.ts", protocol: "kernel/protocol/thread.ts" },
  },
  { folder: "kernel", style: SECOND, entries: { main: "kernel/evaluate/main.ts" } },
  { folder: "kernel", style: PAGE, entries: { charts: "kernel/page/charts.ts" } },
];

/** What computes the results that are kept between runs. */
const COMPUTES = "src/pipeline/run-stage.ts";

/** The entries of a room whose source is there, as [name, source]. */
const entriesOf = (room, paths) =>
  Object.entries(room.entries).filter(([, file]) => existsSync(path.join(paths.root, file)));

const stampOf = (paths) => path.join(paths.cache, "build.json");

/** The files below a folder, by their paths from it. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => statSync(path.join(folder, name)).isFile());
}

/** Puts the files of `made` into `dist` one by one, each by a rename, and then removes what is not among them. */
function replace(dist, made) {
  const fresh = filesBelow(made);
  for (const name of fresh) {
    mkdirSync(path.dirname(path.join(dist, name)), { recursive: true });
    renameSync(path.join(made, name), path.join(dist, name));
  }
  const kept = new Set(fresh);
  for (const name of filesBelow(dist)) if (!kept.has(name)) rmSync(path.join(dist, name));
}

/** tslab's own TypeScript follows no import that ends in ".ts": drops the ending in the declarations. */
export function withoutExtensions(declaration) {
  return declaration.replace(/((?:from|import)\s*\(?\s*)(["'])(\.{1,2}\/[^"']*)\.ts\2/g, "$1$2$3$2");
}

/** What the sources are told when they are built. */
async function constants(folder, { paths, esbuild }) {
  if (folder === "kernel")
    return { __KERNEL_VERSION__: jsonOf(path.join(paths.root, "kernel", "package.json")).version };
  return { __CODE_VERSION__: await codeVersion(paths.root, COMPUTES, "src/package.json", esbuild) };
}

/** Bundles the entries of a room into the folder `made`. */
export async function bundle(room, made, { paths, esbuild }) {
  const { extension, banner, define, ...style } = room.style;
  try {
    const told = Object.entries(await constants(room.folder, { paths, esbuild }));
    await esbuild.build({
      absWorkingDir: paths.root,
      entryPoints: entriesOf(room, paths).map(([name, file]) => ({ in: file, out: name })),
      outdir: made,
      outExtension: { ".js": extension },
      bundle: true,
      platform: "node",
      target: "node20",
      charset: "utf8",
      logLevel: "silent",
      banner: banner ? { js: banner } : {},
      define: {
        ...define,
        ...Object.fromEntries(told.map(([name, value]) => [name, JSON.stringify(value)])),
      },
      ...style,
    });
  } catch (error) {
    const { text, location } = error.errors?.[0] ?? { text: error.message };
    const place = location ? `${location.file}:${location.line}: ` : "";
    throw new Failure(`Building ${room.folder} failed: ${place}${text}.`);
  }
}

/** Bundles the kernel and its display library into a folder: for tests, which need no set-up. */
export async function bundleKernel(made, { paths, esbuild }) {
  for (const room of ROOMS.filter(({ folder }) => folder === "kernel"))
    await bundle(room, made, { paths, esbuild });
}

async function declare(folder, made, { paths }) {
  const tsc = path.join(paths.nodeModules, "typescript", "bin", "tsc");
  const project = path.join(paths.root, folder, "tsconfig.json");
  const types = path.join(made, "types");
  const args = [tsc, "-p", project, "--noCheck", "--outDir", types];
  await quietly(`Declaring the types of ${folder}`, process.execPath, args, {
    cwd: paths.root,
    log: paths.log,
  });
  for (const name of filesBelow(types)) {
    const file = path.join(types, name);
    writeFileSync(file, withoutExtensions(readFileSync(file, "utf8")));
  }
}

/** Bundles and type declarations of src and kernel, made anew when a source changes. */
export const build = {
  name: "build",
  after: ["npm packages"],
  /** @param {Context} context */
  ready: ({ paths }) =>
    textOf(stampOf(paths)) === buildKey(paths.root) &&
    ROOMS.every((room) =>
      entriesOf(room, paths).every(([name]) =>
        existsSync(path.join(paths.root, room.folder, "dist", `${name}${room.style.extension}`)),
      ),
    ),
  /** @param {Context} context */
  async run({ paths }) {
    const key = buildKey(paths.root);
    const esbuild = await import("esbuild");
    const rooms = ROOMS.filter((room) => entriesOf(room, paths).length > 0);
    const folders = [...new Set(rooms.map(({ folder }) => folder))];
    await Promise.all(
      folders.map(async (folder) => {
        const made = path.join(paths.scratch, `dist-${folder}`);
        rmSync(made, { recursive: true, force: true });
        mkdirSync(made, { recursive: true });
        const bundles = rooms.filter((room) => room.folder === folder);
        await Promise.all([
          ...bundles.map((room) => bundle(room, made, { paths, esbuild })),
          declare(folder, made, { paths }),
        ]);
        replace(path.join(paths.root, folder, "dist"), made);
        rmSync(made, { recursive: true, force: true });
      }),
    );
    writeAtomically(stampOf(paths), key);
  },
};
