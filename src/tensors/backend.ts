import "./environment.ts";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import * as tf from "@tensorflow/tfjs-node-gpu";

export { tf };

/** Where tensors live. */
export interface Device {
  readonly kind: "cuda" | "cpu";
  /** The card's or the processor's name. */
  readonly name: string;
  /** The version of TensorFlow's C library, for example "2.21.0". */
  readonly tensorflow: string;
}

interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * The device that tensors are computed on: CUDA where a usable card and its libraries are found, else the
 * CPU. `ALLROADS_DEVICE=cpu` hides the card; `ALLROADS_DEVICE=cuda` throws where there is none to use.
 */
export function device(): Device {
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NativeBackend;
  if (process.env.ALLROADS_DEVICE === "cuda" && !isUsingGpuDevice) {
    throw new Error(
      "ALLROADS_DEVICE=cuda asks for a CUDA card, but TensorFlow found none: check the driver with " +
        "nvidia-smi and run `ALLROADS_DEVICE=cuda npm run setup`, or unset ALLROADS_DEVICE to use the CPU.",
    );
  }
  return isUsingGpuDevice
    ? { kind: "cuda", name: cardName(), tensorflow: binding.TF_Version }
    : { kind: "cpu", name: cpus()[0]?.model.trim() ?? "unknown processor", tensorflow: binding.TF_Version };
}

function cardName(): string {
  const folder = "/proc/driver/nvidia/gpus";
  try {
    const [first] = readdirSync(folder);
    const model = readFileSync(`${folder}/${first}/information`, "utf8").match(/^Model:\s*(.+)$/m);
    return model?.[1]?.trim() ?? "CUDA device";
  } catch {
    return "CUDA device";
  }
}
