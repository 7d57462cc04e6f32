import "./environment.ts";
import "./node-util-shim.ts";
import * as tf from "@tensorflow/tfjs-node-gpu";

/** tfjs on TensorFlow's C library, loaded after its environment has been set. */
export { tf };
