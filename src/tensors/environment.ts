import { availableParallelism } from "node:os";

/*
 * Sets the environment variables that TensorFlow's library reads once, when it is loaded. Import this before tfjs.
 * Variables that the user has set are kept.
 */

// Half of the cores compute one operation; the other half computes independent operations of the graph in parallel.
process.env.TF_NUM_INTRAOP_THREADS ??= String(Math.max(1, Math.floor(availableParallelism() / 2)));
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
// TensorFlow would round the factors of matrix products to TF32 on Ampere and later cards.
process.env.NVIDIA_TF32_OVERRIDE ??= process.env.ALLROADS_MATRIX_PRODUCTS === "tf32" ? "1" : "0";
if (process.env.ALLROADS_DEVICE === "cpu") process.env.CUDA_VISIBLE_DEVICES = "-1";
