import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkGlibc, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { readJson, replaceFolder, sha256, writeAtomically } from "./files.mjs";
import { readPins, requirementsText } from "./pins.mjs";
import { download, installerPython } from "./pip.mjs";
import { runLogged, syncFiles } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */
/** @typedef {import("./pins.mjs").Pin} Pin */

/** @type {[library: string, framework: string]} */
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** The files to unpack from the wheel, by prefix: the two libraries and the headers of the C API. */
const WHEEL_FILES = [
  ...LIBRARIES,
  ...["tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/"].map(
    (header) => `include/${header}`,
  ),
].map((name) => `tensorflow/${name}`);

/**
 * The wheel that contains the library. On aarch64 there is one, for the CPU.
 *
 * @param {Pick<Context, "paths" | "device">} context
 * @returns {Pin}
 */
export function tensorflowPin({ paths, device }, arch = process.arch) {
  const wanted = device === "cpu" && arch === "x64" ? "tensorflow-cpu" : "tensorflow";
  const pin = readPins(paths.tensorflowWheels).find(({ name }) => name === wanted);
  if (!pin) throw new Failure(`${paths.tensorflowWheels} does not pin ${wanted}: run npm run pin.`);
  return pin;
}

/** The wheels with the CUDA 12 libraries. @returns {Pin[]} */
const cudaPins = ({ paths }) =>
  readPins(paths.tensorflowWheels).filter(({ name }) => name.startsWith("nvidia-"));

/**
 * The folder of TensorFlow's library for a device: the one that the user names, or else one outside node_modules, which
 * `npm ci` deletes.
 */
export const libraryFolder = (context) =>
  context.library ??
  path.join(context.paths.cache, `tensorflow-${context.device}-${tensorflowPin(context).version}`);

/** The folder of NVIDIA's libraries. TensorFlow's library finds them as ../nvidia, relative to its own folder. */
export const nvidiaFolder = ({ paths }) => path.join(paths.cache, "nvidia");

/** pip's options for the wheels of this machine, independent of the Python that runs pip. */
function platformOptions(arch) {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  const glibc = Array.from({ length: 12 }, (_, step) => `manylinux_2_${28 - step}`);
  const tags = [...glibc, "manylinux2014"];
  return [
    ...["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"],
    ...tags.flatMap((tag) => ["--platform", `${tag}_${machine}`]),
  ];
}

/** Records what a folder was unpacked from, and the size and SHA-256 of its files. */
const stampFile = (folder) => path.join(folder, ".allroads.json");

const pinsHash = (pins) => sha256(requirementsText(pins));

/** SHA-256 of a file, hexadecimal. */
async function hashFile(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 })) hash.update(chunk);
  return hash.digest("hex");
}

/** The size and SHA-256 of the files in a folder and its subfolders, by their paths relative to it. */
async function describeFiles(folder) {
  /** @type {Record<string, { size: number, sha256: string }>} */
  const files = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const file = path.join(folder, name);
    const stat = statSync(file);
    if (stat.isFile()) files[name] = { size: stat.size, sha256: await hashFile(file) };
  }
  return files;
}

/**
 * Whether a folder was unpacked from these wheels, after their SHA-256 was checked, and its files still have their sizes.
 *
 * @param {string} folder
 * @param {Pin[]} pins
 */
export function isUnpacked(folder, pins) {
  const stamp = readJson(stampFile(folder));
  if (stamp?.pins !== pinsHash(pins)) return false;
  /** @type {[string, any][]} */
  const files = Object.entries(stamp.files ?? {});
  const isWhole = ([name, file]) =>
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.size === file?.size;
  return files.length > 0 && files.every(isWhole);
}

/**
 * Checks that the files of TensorFlow and CUDA are those that were unpacked.
 *
 * @param {Context} context
 * @returns {Promise<number>} how many files were checked
 * @throws {Failure} that names the first file that differs
 */
export async function verifyLibraries(context) {
  const folders = [libraryFolder(context), ...(context.device === "cuda" ? [nvidiaFolder(context)] : [])];
  let checked = 0;
  for (const folder of folders)
    for (const [name, { sha256 }] of Object.entries(readJson(stampFile(folder))?.files ?? {})) {
      if ((await hashFile(path.join(folder, name))) !== sha256)
        throw new Failure(
          `${path.join(folder, name)} has changed since it was unpacked: delete ${folder}, then run npm run setup; results that were computed since then may be wrong.`,
        );
      checked += 1;
    }
  return checked;
}

/**
 * Downloads wheels, checks their SHA-256 and unpacks some of their files into a folder, which is replaced at the end.
 *
 * @param {object} source
 * @param {string} source.what for messages
 * @param {Pin[]} source.pins the wheels
 * @param {string} source.strip a prefix to remove from the names in the wheels
 * @param {string[]} source.prefixes the files to unpack, by the beginnings of their names
 * @param {string[]} source.needed files that must have been unpacked, without the prefix
 * @param {string} folder
 * @param {Context} context
 */
async function unpackWheels({ what, pins, strip, prefixes, needed }, folder, { paths, progress }) {
  const scratch = path.join(paths.scratch, path.basename(folder));
  rmSync(scratch, { recursive: true, force: true });
  const at = (name) => path.join(scratch, name);
  for (const name of ["wheels", "temporary", "unpacked"]) mkdirSync(at(name), { recursive: true });
  const watch = setInterval(() => progress(`${Math.round(sizeOf(scratch) / 1e6)} MB`), 500);
  try {
    writeFileSync(at("requirements.txt"), requirementsText(pins));
    const options = ["--require-hashes", "--no-deps", "--no-cache-dir", ...platformOptions(process.arch)];
    await download(`Downloading ${what}`, [...options, "-r", at("requirements.txt")], {
      paths,
      folder: at("wheels"),
      scratch: at("temporary"),
    });
    clearInterval(watch);
    progress("unpacking");
    const unpack = fileURLToPath(new URL("unpack.py", import.meta.url));
    const files = readdirSync(at("wheels")).map((name) => path.join(at("wheels"), name));
    const args = [unpack, at("unpacked"), strip, ...files, "--", ...prefixes];
    const logged = { log: paths.log, env: pythonEnvironment() };
    await runLogged(`Unpacking ${what}`, installerPython(paths), args, logged);
    for (const name of needed)
      if (!existsSync(path.join(at("unpacked"), name)))
        throw new Failure(`The wheels of ${what} contain no file ${name}.`);
    const stamp = { pins: pinsHash(pins), files: await describeFiles(at("unpacked")) };
    await syncFiles(at("unpacked"), paths.log);
    writeAtomically(stampFile(at("unpacked")), JSON.stringify(stamp));
    replaceFolder(at("unpacked"), folder);
  } finally {
    clearInterval(watch);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The size of a folder in bytes. Files that disappear meanwhile are not counted. */
function sizeOf(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      bytes += entry.isDirectory() ? sizeOf(file) : statSync(file).size;
    }
  } catch {
    // It was moved or removed.
  }
  return bytes;
}

/** TensorFlow's C library and its headers, from the wheel for Python. */
export const tensorflow = {
  name: "TensorFlow's library",
  after: ["pip"],
  /** @param {Context} context */
  ready: (context) =>
    context.library !== undefined || isUnpacked(libraryFolder(context), [tensorflowPin(context)]),
  /** @param {Context} context */
  space: ({ device }) => (device === "cpu" ? 1.3 : 2),
  /** @param {Context} context */
  async run(context) {
    checkGlibc();
    const source = {
      what: "TensorFlow's library",
      pins: [tensorflowPin(context)],
      strip: "tensorflow/",
      prefixes: WHEEL_FILES,
      needed: [...LIBRARIES, "include/tensorflow/c/c_api.h"],
    };
    await unpackWheels(source, libraryFolder(context), context);
  },
};

/** NVIDIA's CUDA libraries, if the device is "cuda". */
export const cuda = {
  name: "CUDA libraries",
  after: ["pip"],
  /** @param {Context} context */
  ready: (context) => context.device === "cpu" || isUnpacked(nvidiaFolder(context), cudaPins(context)),
  space: () => 6.8,
  /** @param {Context} context */
  async run(context) {
    const source = {
      what: "the CUDA libraries",
      pins: cudaPins(context),
      strip: "nvidia/",
      prefixes: ["nvidia/"],
      needed: [],
    };
    await unpackWheels(source, nvidiaFolder(context), context);
  },
};
