import { pythonEnvironment } from "../../kernel/setup/checks.mjs";
import { startProcess } from "./answering.mjs";
import { places } from "./environment.mjs";

/**
 * Starts Allroads' process or PyTorch's. On a card both compute products in full float32.
 *
 * @param {"ours" | "pytorch"} kind
 * @param {object} settings
 * @param {string} settings.worker the bundle of Allroads' process
 * @param {number} settings.threads
 * @param {"cpu" | "cuda"} [settings.device] where PyTorch computes; Allroads finds out by itself
 */
export function start(kind, { worker, threads, device = "cpu" }) {
  const count = String(threads);
  const { ALLROADS_EAGER, ...inherited } = process.env;
  const env = { ...inherited, OMP_NUM_THREADS: count, NVIDIA_TF32_OVERRIDE: "0" };
  if (kind === "ours")
    return startProcess("Allroads", process.execPath, ["--no-warnings", worker], {
      ...env,
      // As Allroads shares out the cores where nobody tells it how.
      TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(threads / 2))),
      TF_NUM_INTEROP_THREADS: count,
    });
  return startProcess("PyTorch", places.python, [places.pytorchWorker, device, count], {
    ...pythonEnvironment(env),
    MKL_NUM_THREADS: count,
    TORCHINDUCTOR_CACHE_DIR: places.inductor,
    HF_HUB_OFFLINE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  });
}
