import { availableParallelism } from "node:os";
import util from "node:util";

/*
 * Prepares the process for TensorFlow's library, which reads these once, when it is loaded: import this
 * before tfjs. Values that the user has set stand.
 */
// Half of the cores share an operation; the others compute further operations of a graph beside it.
process.env.TF_NUM_INTRAOP_THREADS ??= String(Math.max(1, Math.floor(availableParallelism() / 2)));
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
// Full float32 products on Ampere and later cards, where TensorFlow would round their factors to TF32.
process.env.NVIDIA_TF32_OVERRIDE ??= "0";
if (process.env.ALLROADS_DEVICE === "cpu") process.env.CUDA_VISIBLE_DEVICES = "-1";

// tfjs-node 4.22 calls two helpers that Node removed from `util` in version 23.
const helpers = util as unknown as Record<string, unknown>;
helpers.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
helpers.isArray ??= Array.isArray;
