import path from "node:path";
import { fileURLToPath } from "node:url";
import { chooseDevice } from "../../kernel/setup/device.mjs";
import { Failure } from "../../kernel/setup/failure.mjs";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { paths } from "../../kernel/setup/paths.mjs";
import { pinnedVersions } from "../../kernel/setup/python.mjs";
import { setUp } from "../../kernel/setup/setup.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = path.join(paths.cache, "bench");

export const benchPaths = {
  /** All that the bench writes: the environments and compiled code of the peers, and the folders below. */
  bench: folder,
  /** Weights and data shared by the processes, in one folder per size. */
  data: path.join(folder, "data"),
};

/** The script of the worker of a framework in Python. @param {"pytorch" | "jax"} framework */
export const workerScript = (framework) => here(`${framework}/worker.py`);

/**
 * The set-up step of a peer: a Python environment with the versions in its requirements.txt.
 *
 * @param {"pytorch" | "jax"} framework
 * @param {string} name
 * @param {number} gigabytes
 */
function peerStep(framework, name, gigabytes) {
  const venv = path.join(folder, framework);
  const step = pinnedVersions(name, gigabytes);
  const own = (context) => ({
    ...context,
    paths: {
      ...paths,
      venv,
      python: path.join(venv, "bin", "python"),
      requirements: here(`${framework}/requirements.txt`),
    },
  });
  return {
    ...step,
    framework,
    ready: (context) => step.ready(own(context)),
    run: (context) => step.run(own(context)),
  };
}

const PEER_STEPS = [peerStep("pytorch", "PyTorch", 8), peerStep("jax", "JAX", 1)];

/**
 * Sets up Allroads and the frameworks that it is compared with.
 *
 * @returns {Promise<Record<string, string>>} why a framework could not be set up, by its name
 * @throws {Failure} if Allroads could not be set up
 */
export async function setUpWithPeers() {
  try {
    await setUp(PEER_STEPS);
    return {};
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await setUp();
    const context = { paths, device: chooseDevice(), progress: () => {} };
    const missing = PEER_STEPS.filter((step) => !step.ready(context));
    return Object.fromEntries(missing.map(({ framework }) => [framework, error.message]));
  }
}

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
