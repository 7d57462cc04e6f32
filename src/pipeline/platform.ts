import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { device } from "../tensors/backend.ts";
import { matrixProductPrecision } from "../tensors/matrix-products.ts";
import { stageThreads } from "./stage-threads.ts";

/*
 * What decides how a computation rounds, besides the code and its inputs. It is part of a stage's id, so that a store
 * gives the same bytes for the same id on whatever machine it is used.
 */

let cachedPlatform: string | undefined;

/**
 * How stages round here, as text, for example "cpu avx512, TensorFlow 2.21.0, 1 thread, math 3f0c61a2". Throws if
 * ALLROADS_MATRIX_PRODUCTS is none of the precisions.
 */
export function platform(): string {
  cachedPlatform ??= describePlatform();
  return cachedPlatform;
}

function describePlatform(): string {
  const { kind, name, tensorflow } = device();
  return [
    kind === "cuda" ? `cuda ${name}` : `cpu ${process.arch} ${processorText(process.env)}`,
    `TensorFlow ${tensorflow}`,
    "1 thread",
    `math ${mathDigest()}`,
    ...numericSettings(process.env),
  ].join(", ");
}

/**
 * The instruction set that oneDNN's matrix products use. Without oneDNN they are Eigen's, which divides them by the sizes of
 * the processor's caches: then the processor's name as well.
 */
function processorText(env: NodeJS.ProcessEnv): string {
  const flags = processorFlags();
  const set = instructionSet(flags, env.ONEDNN_MAX_CPU_ISA ?? env.DNNL_MAX_CPU_ISA);
  return [
    set,
    ...(matrixProductPrecision() === "bfloat16" ? BFLOAT16_FLAGS.filter((flag) => flags.has(flag)) : []),
    ...(env.TF_ENABLE_ONEDNN_OPTS === "0" ? [cpus()[0]?.model.trim()] : []),
  ].join(" ");
}

/** Instructions by which oneDNN multiplies numbers in bfloat16. */
const BFLOAT16_FLAGS = ["avx512_bf16", "avx512_fp16", "amx_bf16", "avx_ne_convert"];

/** Instruction sets for which oneDNN has matrix products of its own, best first, and the flags of /proc/cpuinfo that they need. */
const INSTRUCTION_SETS = [
  ["avx512", ["avx512f", "avx512bw", "avx512dq", "avx512vl"]],
  ["avx2", ["avx2", "fma"]],
  ["avx", ["avx"]],
  ["sse41", ["sse4_1"]],
] as const;

/**
 * The best instruction set that a processor with these flags has, up to `limit`, a value of oneDNN's ONEDNN_MAX_CPU_ISA
 * such as "AVX2" or "AVX512_CORE_BF16".
 */
export function instructionSet(flags: ReadonlySet<string>, limit = "ALL"): string {
  const highest = INSTRUCTION_SETS.findIndex(([name]) => limit.toLowerCase().startsWith(name));
  const found = INSTRUCTION_SETS.find(
    ([, needed], index) => index >= highest && needed.every((flag) => flags.has(flag)),
  );
  return found?.[0] ?? "other";
}

function processorFlags(): ReadonlySet<string> {
  try {
    const [, flags = ""] = /^flags\s*:\s*(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    return new Set(flags.split(" "));
  } catch {
    return new Set();
  }
}

/**
 * Variables that TensorFlow and the libraries below it read and that may change how they round. TF_ is also the prefix
 * of Terraform's variables, some of which are secret: of that prefix only what TensorFlow's library names.
 */
const NUMERIC = new RegExp(
  "^(ALLROADS_EAGER|ALLROADS_MATRIX_PRODUCTS|GLIBC_TUNABLES|NVIDIA_TF32_OVERRIDE|" +
    "(CUBLAS|CUBLASLT|CUDNN|DNNL|KMP|MKL|OMP|ONEDNN|XLA)_|" +
    "TF_(AUTO_MIXED|CONV|CUBLAS|CUDNN|DEBUG_CUDNN|DETERMINISTIC|DISABLE|EAGER|ENABLE|FP16|GPU|JITRT|MATMUL|MKL|" +
    "NUM|ONEDNN|OVERRIDE|SET|USE|XLA)_)",
);

/** Of those, the ones that do not change a result or are told in another way. */
const NOT_NUMERIC = new Set([...Object.keys(stageThreads), "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA"]);

/** The defaults of tensors/environment.ts. */
const DEFAULTS = new Set([
  "TF_ENABLE_ONEDNN_OPTS=1",
  "NVIDIA_TF32_OVERRIDE=0",
  "ALLROADS_MATRIX_PRODUCTS=float32",
]);

/** The settings of an environment that may change how TensorFlow rounds, as NAME=VALUE in order of name. */
export function numericSettings(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env)
    .filter(([name]) => NUMERIC.test(name) && !NOT_NUMERIC.has(name))
    .map(([name, value]) => `${name}=${value}`)
    .filter((setting) => !DEFAULTS.has(setting))
    .sort();
}

/** A digest of what JavaScript's mathematical functions return: V8's versions differ in the last bit of some. */
function mathDigest(): string {
  const functions = [Math.exp, Math.log, Math.log2, Math.log1p, Math.expm1, Math.sin, Math.cos, Math.tanh];
  const inputs = Array.from({ length: 200 }, (_, index) => 0.013 + index * 0.371);
  const values = inputs.flatMap((x) => [...functions.map((f) => f(x)), x ** 0.37, x ** -2.2, 10_000 ** -x]);
  return createHash("sha256").update(new Float64Array(values)).digest("hex").slice(0, 8);
}
