import path from "node:path";
import { pythonEnvironment } from "../../kernel/setup/checks.mjs";
import { workerScript } from "./bench-environment.mjs";
import { startWorker } from "./json-worker.mjs";

/** @typedef {import("./cases.mjs").Framework} Framework */

/**
 * From this many parameters on, all threads of Allroads compute one operation, as `src/tensors/README.md` recommends
 * for large models. Below, half of them do, its default.
 */
const LARGE_MODEL = 1e7;

/**
 * Starts a worker process of a framework. On a GPU all multiply matrices in full float32, without TF32.
 *
 * @param {Framework} framework
 * @param {object} settings
 * @param {string} settings.worker the bundle of the Allroads worker
 * @param {string} settings.folder the folder with the environments of the other frameworks
 * @param {number} settings.threads
 * @param {number} [settings.parameters] the size of the model, if the process computes one
 * @param {"cpu" | "cuda"} settings.device the device of the other frameworks; Allroads chooses its own
 */
export function startFramework(framework, { worker, folder, threads, parameters = 0, device }) {
  const count = String(threads);
  const { ALLROADS_EAGER, XLA_FLAGS, ...inherited } = process.env;
  const env = { ...inherited, OMP_NUM_THREADS: count, NVIDIA_TF32_OVERRIDE: "0" };
  const python = (name) => path.join(folder, name, "bin", "python");
  const pythonEnv = { ...pythonEnvironment(env), PYTHONDONTWRITEBYTECODE: "1" };
  switch (framework) {
    case "ours":
      return startWorker("Allroads", process.execPath, ["--no-warnings", worker], {
        ...env,
        TF_NUM_INTRAOP_THREADS: String(
          parameters >= LARGE_MODEL ? threads : Math.max(1, Math.floor(threads / 2)),
        ),
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
