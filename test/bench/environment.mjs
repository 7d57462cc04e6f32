import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { environment, pinned } from "../../kernel/setup/python.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = path.join(paths.cache, "bench");
const venv = path.join(folder, "venv");

/** Where the bench keeps what is its own. */
export const places = {
  ...paths,
  bench: folder,
  venv,
  python: path.join(venv, "bin", "python"),
  requirements: here("requirements.txt"),
  constraints: here("constraints.txt"),
  /** Weights and data that the processes share, a folder for each size. */
  data: path.join(folder, "data"),
  /** What torch.compile keeps between runs. */
  inductor: path.join(folder, "inductor"),
  pytorchWorker: here("pytorch/worker.py"),
};

/** A step of set-up in the bench's own places. */
const inPlace = (step, name, after) => ({
  ...step,
  name,
  after,
  ready: (context) => step.ready({ ...context, paths: places }),
  run: (context) => step.run({ ...context, paths: places }),
});

/** What set-up makes for the bench alone: a Python environment with PyTorch and transformers. */
export const pytorchSteps = [
  inPlace(environment, "bench's Python environment", []),
  inPlace(pinned("PyTorch", 8), "PyTorch", ["bench's Python environment"]),
];

/** Bundles the process that computes with Allroads, and returns its file. */
export async function bundleWorker() {
  const esbuild = await import("esbuild");
  const outfile = path.join(folder, "worker.mjs");
  const { outputFiles } = await esbuild.build({
    absWorkingDir: paths.root,
    entryPoints: [here("allroads/worker.ts")],
    outfile,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  writeAtomically(outfile, outputFiles[0].contents);
  return outfile;
}
