import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkGlibc, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { readJson, sha256, writeAtomically } from "./files.mjs";
import { pip } from "./python.mjs";
import { runLogged } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

export const TENSORFLOW = "2.21.0";
/** @type {[library: string, framework: string]} */
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** The files to unpack from the wheel, by prefix: the two libraries and the headers of the C API. */
const WHEEL_FILES = [
  ...LIBRARIES,
  ...["tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/"].map(
    (header) => `include/${header}`,
  ),
].map((name) => `tensorflow/${name}`);

/** The CUDA 12 libraries that this version of TensorFlow needs. */
const CUDA_WHEELS = [
  "nvidia-cublas-cu12==12.9.3.13",
  "nvidia-cuda-cupti-cu12==12.9.79",
  "nvidia-cuda-nvcc-cu12==12.9.86",
  "nvidia-cuda-nvrtc-cu12==12.9.86",
  "nvidia-cuda-runtime-cu12==12.9.79",
  "nvidia-cudnn-cu12==9.28.0.42",
  "nvidia-cufft-cu12==11.4.1.4",
  "nvidia-curand-cu12==10.3.10.19",
  "nvidia-cusolver-cu12==11.7.5.82",
  "nvidia-cusparse-cu12==12.5.10.65",
  "nvidia-nccl-cu12==2.32.3",
  "nvidia-nvjitlink-cu12==12.9.86",
];

/** The folder of TensorFlow's library for a device. It is outside node_modules, which `npm ci` deletes. */
export const libraryFolder = ({ paths, device }) =>
  path.join(paths.cache, `tensorflow-${device}-${TENSORFLOW}`);

/** The folder of NVIDIA's libraries. TensorFlow's library finds them as ../nvidia, relative to its own folder. */
export const nvidiaFolder = ({ paths }) => path.join(paths.cache, "nvidia");

/** The pip requirement that contains the library. On aarch64 there is one package, for the CPU. */
export function wheelFor(device, arch) {
  const name = device === "cpu" && arch === "x64" ? "tensorflow-cpu" : "tensorflow";
  return `${name}==${TENSORFLOW}`;
}

/** pip's options for the wheels of this machine, independent of the Python that runs pip. */
function platformOptions(arch) {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  const glibc = Array.from({ length: 12 }, (_, step) => `manylinux_2_${28 - step}`);
  const tags = [...glibc, "manylinux2014"];
  return [
    ...[
      "--no-deps",
      "--only-binary=:all:",
      "--python-version",
      "3.11",
      "--implementation",
      "cp",
      "--abi",
      "cp311",
    ],
    ...tags.flatMap((tag) => ["--platform", `${tag}_${machine}`]),
  ];
}

/**
 * Downloads wheels and unpacks some of their files into a folder, which is replaced by a rename at the end.
 *
 * @param {object} download
 * @param {string} download.what for messages
 * @param {string[]} download.wheels pip requirements
 * @param {string} download.strip a prefix to remove from the names in the wheels
 * @param {string[]} download.prefixes the files to unpack, by the beginnings of their names
 * @param {(unpacked: string) => void} download.finish checks or completes the unpacked files before the rename
 * @param {string} folder
 * @param {Context} context
 */
async function downloadWheels({ what, wheels, strip, prefixes, finish }, folder, context) {
  const { paths, progress } = context;
  const scratch = path.join(paths.scratch, path.basename(folder));
  rmSync(scratch, { recursive: true, force: true });
  const downloads = path.join(scratch, "wheels");
  const temporary = path.join(scratch, "temporary");
  const unpacked = path.join(scratch, "unpacked");
  for (const each of [downloads, temporary, unpacked]) mkdirSync(each, { recursive: true });
  const watch = setInterval(() => progress(`${Math.round(sizeOf(scratch) / 1e6)} MB`), 500);
  try {
    await pip(
      `Downloading ${what}`,
      [
        "download",
        "--no-cache-dir",
        "--progress-bar",
        "off",
        ...platformOptions(process.arch),
        "-d",
        downloads,
        ...wheels,
      ],
      { paths, env: { TMPDIR: temporary } },
    );
    clearInterval(watch);
    progress("unpacking");
    const unpack = fileURLToPath(new URL("unpack.py", import.meta.url));
    const files = readdirSync(downloads).map((name) => path.join(downloads, name));
    await runLogged(
      `Unpacking ${what}`,
      paths.python,
      [unpack, unpacked, strip, ...files, "--", ...prefixes],
      {
        log: paths.log,
        env: pythonEnvironment(),
      },
    );
    finish(unpacked);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
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

const hasLibraries = (folder) =>
  [...LIBRARIES, "include/tensorflow/c/c_api.h"].every((name) => existsSync(path.join(folder, name)));

/** TensorFlow's C library and its headers, from the wheel for Python. */
export const tensorflow = {
  name: "TensorFlow's library",
  after: ["Python environment"],
  /** @param {Context} context */
  ready: (context) => hasLibraries(libraryFolder(context)),
  /** @param {Context} context */
  space: ({ device }) => (device === "cpu" ? 1.3 : 2),
  /** @param {Context} context */
  async run(context) {
    checkGlibc();
    const wheel = wheelFor(context.device, process.arch);
    const download = {
      what: "TensorFlow's library",
      wheels: [wheel],
      strip: "tensorflow/",
      prefixes: WHEEL_FILES,
      finish: (unpacked) => {
        if (!hasLibraries(unpacked))
          throw new Failure(`The package ${wheel} does not contain TensorFlow's C library.`);
      },
    };
    await downloadWheels(download, libraryFolder(context), context);
  },
};

/** Records which CUDA wheels were unpacked. */
const cudaStamp = (folder) => path.join(folder, ".allroads.json");

/** NVIDIA's CUDA libraries, if the device is "cuda". */
export const cuda = {
  name: "CUDA libraries",
  after: ["Python environment"],
  /** @param {Context} context */
  ready: (context) =>
    context.device === "cpu" || readJson(cudaStamp(nvidiaFolder(context)))?.pins === sha256(...CUDA_WHEELS),
  space: () => 6.8,
  /** @param {Context} context */
  async run(context) {
    const download = {
      what: "the CUDA libraries",
      wheels: CUDA_WHEELS,
      strip: "nvidia/",
      prefixes: ["nvidia/"],
      finish: (unpacked) =>
        writeAtomically(cudaStamp(unpacked), JSON.stringify({ pins: sha256(...CUDA_WHEELS) })),
    };
    await downloadWheels(download, nvidiaFolder(context), context);
  },
};
