import { Failure } from "../../kernel/setup/failure.mjs";
import { commandOutput } from "../../kernel/setup/shell.mjs";

const QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];

/**
 * The first NVIDIA GPU, or null if there is none.
 *
 * @param {() => string | null} query prints "name, driver, memory" for each GPU
 */
export function findGpu(query = () => commandOutput("nvidia-smi", QUERY)) {
  const [firstLine = ""] = query()?.trim().split("\n") ?? [];
  const [name, driver, memory] = firstLine.split(", ");
  return name && driver ? { name, driver, memory } : null;
}

/**
 * The first NVIDIA GPU.
 *
 * @param {Parameters<typeof findGpu>} query
 * @throws {Failure} if there is none
 */
export function requireGpu(...query) {
  const gpu = findGpu(...query);
  if (gpu === null)
    throw new Failure(
      "nvidia-smi finds no NVIDIA GPU: run npm run bench:cuda on a machine with a GPU and its driver, or npm run bench here.",
    );
  return gpu;
}
