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
import { textOf, writeAtomically } from "./files.mjs";
import { quietly } from "./shell.mjs";
import { buildKey, codeVersion } from "./sources.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

/** What is built for the notebooks, which can import CommonJS only. */
const ROOMS = [
  { folder: "src", entries: { index: "src/index.ts", worker: "src/experiments/worker.ts" } },
  { folder: "kernel", entries: { index: "kernel/display/index.ts" } },
];

/** What computes the results that are kept between runs. */
const COMPUTES = "src/experiments/run-stage.ts";

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

async function bundle(room, made, { paths, esbuild }) {
  try {
    const version =
      room.folder === "src" ? await codeVersion(paths.root, COMPUTES, "src/package.json", esbuild) : "";
    await esbuild.build({
      absWorkingDir: paths.root,
      entryPoints: entriesOf(room, paths).map(([name, file]) => ({ in: file, out: name })),
      outdir: made,
      outExtension: { ".js": ".cjs" },
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      packages: "external",
      sourcemap: true,
      charset: "utf8",
      logLevel: "silent",
      // CommonJS has no import.meta: its url is that of the bundle.
      banner: { js: 'const __bundle_url = require("node:url").pathToFileURL(__filename).href;' },
      define: {
        "import.meta.url": "__bundle_url",
        __CODE_VERSION__: JSON.stringify(version),
      },
    });
  } catch (error) {
    const { text, location } = error.errors?.[0] ?? { text: error.message };
    const place = location ? `${location.file}:${location.line}: ` : "";
    throw new Failure(`Building ${room.folder} failed: ${place}${text}.`);
  }
}

async function declare(room, made, { paths }) {
  const tsc = path.join(paths.nodeModules, "typescript", "bin", "tsc");
  const project = path.join(paths.root, room.folder, "tsconfig.json");
  const types = path.join(made, "types");
  const args = [tsc, "-p", project, "--noCheck", "--outDir", types];
  await quietly(`Declaring the types of ${room.folder}`, process.execPath, args, {
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
        existsSync(path.join(paths.root, room.folder, "dist", `${name}.cjs`)),
      ),
    ),
  /** @param {Context} context */
  async run({ paths }) {
    const key = buildKey(paths.root);
    const esbuild = await import("esbuild");
    const rooms = ROOMS.filter((room) => entriesOf(room, paths).length > 0);
    await Promise.all(
      rooms.map(async (room) => {
        const made = path.join(paths.scratch, `dist-${room.folder}`);
        rmSync(made, { recursive: true, force: true });
        mkdirSync(made, { recursive: true });
        await Promise.all([bundle(room, made, { paths, esbuild }), declare(room, made, { paths })]);
        replace(path.join(paths.root, room.folder, "dist"), made);
        rmSync(made, { recursive: true, force: true });
      }),
    );
    writeAtomically(stampOf(paths), key);
  },
};
