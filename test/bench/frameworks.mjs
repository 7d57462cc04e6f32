import { pythonEnvironment } from "../../kernel/setup/checks.mjs";
import { benchPaths } from "./bench-environment.mjs";
import { startWorker } from "./json-worker.mjs";

/**
 * Starts a worker process of Allroads or PyTorch. On a GPU both multiply matrices in full float32, without TF32.
 *
 * @param {"ours" | "pytorch"} framework
 * @param {object} settings
 * @param {string} settings.worker the bundle of the Allroads worker
 * @param {number} settings.threads
 * @param {"cpu" | "cuda"} [settings.device] the device of PyTorch; Allroads chooses its own
 */
export function startFramework(framework, { worker, threads, device = "cpu" }) {
  const count = String(threads);
  const { ALLROADS_EAGER, ...inherited } = process.env;
  const env = { ...inherited, OMP_NUM_THREADS: count, NVIDIA_TF32_OVERRIDE: "0" };
  if (framework === "ours")
    return startWorker("Allroads", process.execPath, ["--no-warnings", worker], {
      ...env,
      // The defaults of Allroads for this number of cores.
      TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(threads / 2))),
      TF_NUM_INTEROP_THREADS: count,
    });
  return startWorker("PyTorch", benchPaths.python, [benchPaths.pytorchWorker, device, count], {
    ...pythonEnvironment(env),
    MKL_NUM_THREADS: count,
    TORCHINDUCTOR_CACHE_DIR: benchPaths.inductor,
    HF_HUB_OFFLINE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  });
}
