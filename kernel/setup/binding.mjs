import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findCompiler } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import {
  createLink,
  isLinked,
  readJson,
  readText,
  replaceFolder,
  sha256,
  writeAtomically,
} from "./files.mjs";
import { runLogged, syncFiles } from "./shell.mjs";
import { LIBRARIES, libraryFolder, nvidiaFolder, tensorflowPin } from "./tensorflow.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

const FLAGS = ["-O2", "-fPIC", "-std=c++17", "-DNAPI_VERSION=8"];

/** Where the dynamic linker finds TensorFlow, relative to the binding. */
const RUNPATH = "-Wl,-rpath,$ORIGIN/../../deps/lib";

/** The file that tfjs loads, which loads the binding without TensorFlow's start-up lines. */
const LOADER = fileURLToPath(new URL("binding-loader.cc", import.meta.url));

const headersFolder = ({ paths }) => path.join(paths.nodeModules, "node-api-headers");

/** The two compiled files by the names under which they are installed: what tfjs loads, and what that loads. */
const COMPILED = /** @type {const} */ (["tfjs_binding.node", "tensorflow_binding.node"]);
const installed = ({ paths }, name) => path.join(paths.tfjs, "lib", "napi-v8", name);

/** The C++ files of the binding in the tfjs package. */
function sources({ paths }, extension) {
  const folder = path.join(paths.tfjs, "binding");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(extension));
  return names.sort().map((name) => path.join(folder, name));
}

/** The folder of the compiled files in the cache. Its name contains a hash of everything they are compiled from. */
function cachedFolder(context) {
  const headers = readJson(path.join(headersFolder(context), "package.json"))?.version ?? "";
  const files = [...sources(context, ".cc"), ...sources(context, ".h"), LOADER];
  const texts = files.map((file) => readText(file) ?? "");
  const { version } = tensorflowPin(context);
  const key = sha256(...FLAGS, RUNPATH, version, process.arch, headers, ...texts).slice(0, 12);
  return path.join(context.paths.cache, `tfjs-binding-${key}`);
}

const cached = (context, name) => path.join(cachedFolder(context), name);

/** The symbolic links by which the package finds the library: [link, target]. */
function links(context) {
  const deps = path.join(context.paths.tfjs, "deps");
  const lib = (name) => path.join(deps, "lib", name);
  const folder = libraryFolder(context);
  /** @type {[string, string][]} */
  const pairs = LIBRARIES.map((name) => [lib(name), path.join(folder, name)]);
  const [library, framework] = LIBRARIES;
  pairs.push([lib("libtensorflow.so"), path.join(folder, library)]);
  pairs.push([lib("libtensorflow_framework.so"), path.join(folder, framework)]);
  pairs.push([path.join(deps, "include"), path.join(folder, "include")]);
  if (context.device === "cuda") pairs.push([path.join(deps, "nvidia"), nvidiaFolder(context)]);
  return pairs;
}

const readBytes = (file) => (existsSync(file) ? readFileSync(file) : null);

/** Compiles the binding and its loader into the cache, their source files in parallel. */
async function compile(context) {
  const { paths } = context;
  const compiler = findCompiler();
  const work = path.join(paths.scratch, "binding");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(path.join(work, "compiled"), { recursive: true });
  const include = [
    path.join(headersFolder(context), "include"),
    path.join(libraryFolder(context), "include"),
    path.dirname(paths.tfjs),
  ].flatMap((folder) => ["-I", folder]);
  const run = (what, args) => runLogged(what, compiler, args, { log: paths.log, cwd: work });
  const objectOf = async (source) => {
    const object = path.join(work, `${path.basename(source)}.o`);
    await run("Compiling the TensorFlow binding", [...FLAGS, ...include, "-c", source, "-o", object]);
    return object;
  };
  try {
    const [loader = "", ...objects] = await Promise.all([LOADER, ...sources(context, ".cc")].map(objectOf));
    const lib = path.join(paths.tfjs, "deps", "lib");
    const libraries = ["-L", lib, "-ltensorflow", "-ltensorflow_framework", RUNPATH];
    const output = (name) => ["-o", path.join(work, "compiled", name)];
    const [loaderFile, bindingFile] = COMPILED;
    await run("Linking the TensorFlow binding", [
      "-shared",
      ...objects,
      ...libraries,
      ...output(bindingFile),
    ]);
    await run("Linking the loader of the TensorFlow binding", [
      "-shared",
      loader,
      "-ldl",
      ...output(loaderFile),
    ]);
    await syncFiles(path.join(work, "compiled"), paths.log);
    replaceFolder(path.join(work, "compiled"), cachedFolder(context));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const SMOKE_TEST = `
const util = require("node:util");
util.isNullOrUndefined ??= (x) => x === null || x === undefined;
util.isArray ??= Array.isArray;
const tf = require("@tensorflow/tfjs-node-gpu");
const four = tf.matMul([[1, 1]], [[2], [2]]).dataSync()[0];
if (four !== 4) throw new Error("TensorFlow computes 1 * 2 + 1 * 2 = " + four);
console.log(JSON.stringify({ version: tf.backend().binding.TF_Version, gpu: tf.backend().isUsingGpuDevice }));
`;

/** Loads TensorFlow in a new process and multiplies two matrices. Returns a line for the log. */
async function smokeTest(context) {
  const { paths, device } = context;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", TF_FORCE_GPU_ALLOW_GROWTH: "true" };
  const output = await runLogged(
    "Loading TensorFlow",
    process.execPath,
    ["--no-warnings", "-e", SMOKE_TEST],
    {
      cwd: paths.tfjs,
      log: paths.log,
      env: device === "cpu" ? { ...env, CUDA_VISIBLE_DEVICES: "-1" } : env,
    },
  );
  const report = output.split("\n").findLast((line) => line.startsWith("{"));
  if (!report) throw new Failure(`TensorFlow was loaded but printed no result: see ${paths.log}.`);
  const { version, gpu } = JSON.parse(report);
  const pinned = tensorflowPin(context).version;
  if (version !== pinned)
    throw new Failure(
      `${libraryFolder(context)} has TensorFlow ${version}, and ${pinned} is needed: name another.`,
    );
  if (device === "cpu") return `TensorFlow ${version} on the CPU`;
  return `TensorFlow ${version} ${gpu ? "on CUDA" : "finds no usable NVIDIA card and runs on the CPU"}`;
}

/** tfjs's native binding: compiled against TensorFlow's library and tested. */
export const binding = {
  name: "TensorFlow binding",
  after: ["npm packages", "TensorFlow's library", "CUDA libraries"],
  /** @param {Context} context */
  ready(context) {
    const isInstalled = (name) => {
      const bytes = readBytes(cached(context, name));
      return bytes !== null && (readBytes(installed(context, name))?.equals(bytes) ?? false);
    };
    return links(context).every(([link, target]) => isLinked(link, target)) && COMPILED.every(isInstalled);
  },
  /** Whether `run` needs a compiler. @param {Context} context */
  needsCompiler: (context) => !existsSync(context.paths.tfjs) || !existsSync(cachedFolder(context)),
  /** @param {Context} context */
  async run(context) {
    for (const [link, target] of links(context)) createLink(link, target);
    if (!existsSync(cachedFolder(context))) await compile(context);
    for (const name of COMPILED)
      writeAtomically(installed(context, name), readFileSync(cached(context, name)), 0o755);
    try {
      return await smokeTest(context);
    } catch (error) {
      // A process that has loaded the files keeps them.
      for (const name of COMPILED) rmSync(installed(context, name), { force: true });
      throw error;
    }
  },
};
