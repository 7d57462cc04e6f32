import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { pinnedVersions } from "../../kernel/setup/python.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = path.join(paths.cache, "bench");
const venv = path.join(folder, "venv");

/** The repository's paths, with the bench's own Python environment and requirements in place of the others. */
export const benchPaths = {
  ...paths,
  bench: folder,
  venv,
  python: path.join(venv, "bin", "python"),
  requirements: here("requirements.txt"),
  /** Weights and data shared by the processes, in one folder per size. */
  data: path.join(folder, "data"),
  /** The cache of torch.compile. */
  inductor: path.join(folder, "inductor"),
  pytorchWorker: here("pytorch/worker.py"),
};

const pytorch = pinnedVersions("PyTorch", 8);

/** The set-up step that only the bench needs: a Python environment with PyTorch and transformers. */
export const pytorchSteps = [
  {
    ...pytorch,
    ready: (context) => pytorch.ready({ ...context, paths: benchPaths }),
    run: (context) => pytorch.run({ ...context, paths: benchPaths }),
  },
];

/** Bundles the Allroads worker. Returns the path of the bundle. */
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
  for (const { path: file, contents } of outputFiles) writeAtomically(file, contents);
  return outfile;
}
