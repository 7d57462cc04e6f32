import "./environment.ts";
import * as tf from "@tensorflow/tfjs-node-gpu";

export { tf };

/** Where tensors live. */
export interface Device {
  readonly kind: "cuda" | "cpu";
  /** The library's version, for example "2.21.0". */
  readonly tensorflow: string;
}
