import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { checkGlibc, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { digest, jsonOf, writeAtomically } from "./files.mjs";
import { pip } from "./python.mjs";
import { quietly } from "./shell.mjs";

/** @typedef {import("./steps.mjs").Context} Context */

export const TENSORFLOW = "2.21.0";
export const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** What of the wheel is unpacked: the two libraries and the headers of the C interface. */
const PARTS = [
  ...LIBRARIES,
  ...["tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/"].map(
    (header) => `include/${header}`,
  ),
].map((name) => `tensorflow/${name}`);

/** NVIDIA's CUDA 12 libraries that this TensorFlow asks for. */
const CUDA = [
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

/** Where the library for a device lies, outside node_modules so that `npm ci` leaves it alone. */
export const libraryFolder = ({ paths, device }) =>
  path.join(paths.cache, `tensorflow-${device}-${TENSORFLOW}`);

/** Where NVIDIA's libraries lie: the TensorFlow library looks for ../nvidia beside its own folder. */
export const nvidiaFolder = ({ paths }) => path.join(paths.cache, "nvidia");

/** The package that holds the library: on aarch64 there is but one, for the CPU. */
export function wheelFor(device, arch) {
  const name = device === "cpu" && arch === "x64" ? "tensorflow-cpu" : "tensorflow";
  return `${name}==${TENSORFLOW}`;
}

/** pip's words for "the wheels of this machine", whatever the Python that asks. */
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

/** Downloads wheels and unpacks some of their files into `folder`, which appears only when it is whole. */
async function fetchInto(folder, what, wheels, strip, prefixes, context, finish = (_made) => {}) {
  const { paths, progress } = context;
  const scratch = path.join(paths.scratch, path.basename(folder));
  rmSync(scratch, { recursive: true, force: true });
  const [downloads, temporary, made] = ["wheels", "temporary", "made"].map((name) =>
    path.join(scratch, name),
  );
  for (const each of [downloads, temporary, made]) mkdirSync(each, { recursive: true });
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
    await quietly(`Unpacking ${what}`, paths.python, [unpack, made, strip, ...files, "--", ...prefixes], {
      log: paths.log,
      env: pythonEnvironment(),
    });
    finish(made);
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    clearInterval(watch);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Bytes in the files below a folder; a file that goes away meanwhile counts nothing. */
function sizeOf(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      bytes += entry.isDirectory() ? sizeOf(place) : statSync(place).size;
    }
  } catch {
    // It was just moved or removed.
  }
  return bytes;
}

const hasLibraries = (folder) =>
  [...LIBRARIES, "include/tensorflow/c/c_api.h"].every((name) => existsSync(path.join(folder, name)));

/** TensorFlow's C library and its headers, out of the wheel that holds them. */
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
    await fetchInto(
      libraryFolder(context),
      "TensorFlow's library",
      [wheel],
      "tensorflow/",
      PARTS,
      context,
      (made) => {
        if (!hasLibraries(made))
          throw new Failure(`The package ${wheel} does not hold TensorFlow's C library.`);
      },
    );
  },
};

const cudaStamp = (folder) => path.join(folder, ".allroads.json");

/** NVIDIA's CUDA libraries, on the CUDA branch only. */
export const cuda = {
  name: "CUDA libraries",
  after: ["Python environment"],
  /** @param {Context} context */
  ready: (context) =>
    context.device === "cpu" || jsonOf(cudaStamp(nvidiaFolder(context)))?.pins === digest(...CUDA),
  space: () => 6.8,
  /** @param {Context} context */
  async run(context) {
    await fetchInto(
      nvidiaFolder(context),
      "the CUDA libraries",
      CUDA,
      "nvidia/",
      ["nvidia/"],
      context,
      (made) => writeAtomically(cudaStamp(made), JSON.stringify({ pins: digest(...CUDA) })),
    );
  },
};
