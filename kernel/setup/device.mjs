import { existsSync } from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { commandOutput } from "./shell.mjs";

const DRIVER_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/lib/x86_64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/nvidia/lib64",
  "/usr/lib/wsl/lib",
];

/** Whether this machine has an NVIDIA driver. */
function hasDriver() {
  const folders = [...DRIVER_FOLDERS, ...(process.env.LD_LIBRARY_PATH ?? "").split(":").filter(Boolean)];
  return (
    existsSync("/proc/driver/nvidia/version") ||
    folders.some((folder) => existsSync(path.join(folder, "libcuda.so.1"))) ||
    commandOutput("nvidia-smi", ["-L"]) !== null
  );
}

/**
 * Which TensorFlow to set up: what ALLROADS_DEVICE asks for, or else "cuda" if there is an NVIDIA driver.
 *
 * @returns {"cpu" | "cuda"}
 */
export function chooseDevice(
  requested = process.env.ALLROADS_DEVICE,
  driver = hasDriver,
  arch = process.arch,
) {
  if (requested === "cpu") return "cpu";
  if (requested && requested !== "cuda")
    throw new Failure(`ALLROADS_DEVICE is "${requested}": set it to cpu or cuda, or unset it.`, 2);
  if (arch === "x64") return requested === "cuda" || driver() ? "cuda" : "cpu";
  if (requested === "cuda")
    throw new Failure(
      "TensorFlow's CUDA library exists for Linux on x86-64 only: set ALLROADS_DEVICE=cpu here.",
    );
  return "cpu";
}
