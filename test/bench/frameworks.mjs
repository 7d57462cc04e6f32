import path from "node:path";
import { pythonEnvironment } from "../../kernel/setup/checks.mjs";
import { workerScript } from "./bench-environment.mjs";
import { startWorker } from "./json-worker.mjs";

/** @typedef {import("./cases.mjs").Framework} Framework */

/**
 * Starts a worker process of a framework. On a GPU all multiply matrices in full float32, without TF32.
 *
 * @param {Framework} framework
 * @param {object} settings
 * @param {string} settings.worker the bundle of the Allroads worker
 * @param {string} settings.folder the folder with the environments of the other frameworks
 * @param {number} settings.threads
 * @param {"cpu" | "cuda"} settings.device the device of the other frameworks; Allroads chooses its own
 */
export function startFramework(framework, { worker, folder, threads, device }) {
  const count = String(threads);
  const { ALLROADS_EAGER, XLA_FLAGS, ...inherited } = process.env;
  const env = { ...inherited, OMP_NUM_THREADS: count, NVIDIA_TF32_OVERRIDE: "0" };
  const python = (name) => path.join(folder, name, "bin", "python");
  const pythonEnv = { ...pythonEnvironment(env), PYTHONDONTWRITEBYTECODE: "1" };
  switch (framework) {
    case "ours":
      return startWorker("Allroads", process.execPath, ["--no-warnings", worker], {
        ...env,
        // The defaults of Allroads for this number of cores.
        TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(threads / 2))),
        TF_NUM_INTEROP_THREADS: count,
      });
    case "pytorch":
      return startWorker("PyTorch", python("pytorch"), [workerScript("pytorch"), device, count], {
        ...pythonEnv,
        MKL_NUM_THREADS: count,
        TORCHINDUCTOR_CACHE_DIR: path.join(folder, "inductor"),
        HF_HUB_OFFLINE: "1",
      });
    case "jax":
      return startWorker("JAX", python("jax"), [workerScript("jax")], {
        ...pythonEnv,
        JAX_PLATFORMS: device,
        // XLA takes the number of its threads from here.
        NPROC: count,
      });
  }
}
