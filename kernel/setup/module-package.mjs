import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { readJson } from "./files.mjs";
import { npmCommand } from "./packages.mjs";

/*
 * The npm package of the module allroads for other projects. It is put together in a folder of its own, since it brings
 * the data that the module reads, and a set-up command, which lie elsewhere in the repository.
 */

/** tfjs's package for Node, which the package brings along: its install script would fetch another TensorFlow. */
const TFJS = "@tensorflow/tfjs-node-gpu";

/** What TFJS needs when it runs, and what its binding is compiled with. */
const NEEDED_BY_TFJS = [
  "@mapbox/node-pre-gyp",
  "@tensorflow/tfjs",
  "google-protobuf",
  "node-api-headers",
  "progress",
  "rimraf",
];

/** Used if it is installed. */
const OPTIONAL = "danfojs-node";

/** The package.json of the package. @param {import("./paths.mjs").Paths} paths */
export function packageManifest({ root, nodeModules }) {
  const {
    private: _,
    sideEffects: __,
    "allroads-kernel": ___,
    dependencies,
    ...rest
  } = readJson(path.join(root, "src", "package.json"));
  const { engines, license } = readJson(path.join(root, "package.json"));
  const needed = NEEDED_BY_TFJS.map((name) => [
    name,
    readJson(path.join(nodeModules, name, "package.json")).version,
  ]);
  const { [OPTIONAL]: optional, ...others } = dependencies;
  const pinned = Object.entries({ ...others, ...Object.fromEntries(needed) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    ...rest,
    license,
    engines,
    os: ["linux"],
    main: "dist/main.cjs",
    exports: { ...rest.exports, ".": { ...rest.exports["."], default: "./dist/main.cjs" } },
    dependencies: Object.fromEntries(pinned),
    bundleDependencies: [TFJS],
    peerDependencies: { [OPTIONAL]: optional },
    peerDependenciesMeta: { [OPTIONAL]: { optional: true } },
  };
}

/** What a program that imports the package loads: the library, once TensorFlow has been set up. */
const MAIN = `const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const tfjs = dirname(require.resolve("${TFJS}/package.json"));
if (!existsSync(join(tfjs, "lib", "napi-v8", "tfjs_binding.node")))
  throw new Error("allroads has no TensorFlow yet: run npx allroads setup once.");
module.exports = require("./index.cjs");
`;

/** The declarations with an import of the optional package that is `any` where that is not installed. */
const withOptionalTypes = (declaration) =>
  declaration.replace(
    new RegExp(`^import .* from "${OPTIONAL}";$`, "gm"),
    "// @ts-ignore: it may be missing.\n$&",
  );

/** Puts the package together in an empty folder. */
async function assemble(folder, { root, tfjs, tensorflowWheels }) {
  const at = (...parts) => path.join(folder, ...parts);
  const src = (...parts) => path.join(root, "src", ...parts);
  cpSync(src("dist"), at("dist"), { recursive: true, filter: (file) => !file.endsWith(".map") });
  for (const name of readdirSync(at("dist", "types"), { recursive: true, encoding: "utf8" })) {
    const file = at("dist", "types", name);
    if (statSync(file).isFile()) writeFileSync(file, withOptionalTypes(readFileSync(file, "utf8")));
  }
  writeFileSync(at("dist", "main.cjs"), MAIN);
  for (const name of ["bin.mjs", "CHANGELOG.md"]) copyFileSync(src(name), at(name));
  for (const name of ["README.md", "LICENSE"]) copyFileSync(path.join(root, name), at(name));
  // The seals of verdicts are compared with the sources of what computes them.
  cpSync(src(), at("src"), { recursive: true, filter: isSource });
  const { type, sideEffects } = readJson(src("package.json"));
  writeFileSync(at("src", "package.json"), JSON.stringify({ type, sideEffects }));
  for (const name of ["data", "notebooks"]) cpSync(path.join(root, name), at(name), { recursive: true });
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(root, "kernel", "module-setup.mjs")],
    outfile: at("dist", "setup.mjs"),
    ...{ bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "silent" },
    external: ["esbuild"],
  });
  copyFileSync(tensorflowWheels, at("dist", "tensorflow.txt"));
  for (const name of ["binding-loader.cc", "unpack.py"])
    copyFileSync(path.join(root, "kernel", "setup", name), at("dist", name));
  const {
    scripts: _,
    devDependencies: __,
    dependencies: ___,
    ...manifest
  } = readJson(path.join(tfjs, "package.json"));
  const bundled = at("node_modules", TFJS);
  mkdirSync(bundled, { recursive: true });
  for (const name of ["dist", "binding", "LICENSE"])
    if (existsSync(path.join(tfjs, name)))
      cpSync(path.join(tfjs, name), path.join(bundled, name), { recursive: true, filter: isNeeded });
  writeFileSync(path.join(bundled, "package.json"), JSON.stringify({ ...manifest, gypfile: false }, null, 2));
}

/** Whether a file of src is a module, or a folder that is not built. */
const isSource = (file) =>
  statSync(file).isDirectory() ? path.basename(file) !== "dist" : file.endsWith(".ts");

const isNeeded = (file) => !/_test\.(js|d\.ts)$|\.map$/.test(file);

/**
 * Packs the module for other projects, after set-up.
 *
 * @param {string} out the folder of the package's file
 * @param {import("./paths.mjs").Paths} paths
 * @returns {Promise<string>} the path of the file
 */
export async function packModule(out, paths) {
  if (!existsSync(path.join(paths.root, "src", "dist", "start.cjs")))
    throw new Failure("The module has not been built yet: run npm run setup first.");
  const folder = mkdtempSync(path.join(os.tmpdir(), "allroads-pack-"));
  try {
    await assemble(folder, paths);
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(packageManifest(paths), null, 2));
    mkdirSync(out, { recursive: true });
    const { command, args } = npmCommand();
    const pack = [...args, "pack", "--json", "--ignore-scripts", "--pack-destination", out];
    const { status, stdout, stderr } = spawnSync(command, pack, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Failure(`npm pack failed: ${stderr.trim().split("\n").at(-1)}`);
    return path.join(out, JSON.parse(stdout)[0].filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
