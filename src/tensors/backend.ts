import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { nodeBackend } from "./native-binding.ts";

export { tf } from "./tfjs.ts";

/** The device on which tensors are computed. */
export interface Device {
  readonly kind: "cuda" | "cpu";
  /** Name of the card or of the processor. */
  readonly name: string;
  /** Version of TensorFlow's C library, for example "2.21.0". */
  readonly tensorflow: string;
}

/**
 * The device in use: CUDA if a card and its libraries are found, otherwise the CPU. `ALLROADS_DEVICE=cpu` hides the card.
 * Throws if `ALLROADS_DEVICE=cuda` is set and no card can be used.
 */
export function device(): Device {
  const { isUsingGpuDevice, binding } = nodeBackend();
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
