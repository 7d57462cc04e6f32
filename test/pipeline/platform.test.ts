import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { instructionSet, numericSettings, platform } from "../../src/pipeline/platform.ts";
import { temporaryFolder } from "../temporary.ts";

describe("the instruction set", () => {
  const intel = "sse4_1 avx avx2 fma avx512f avx512bw avx512dq avx512vl avx512_bf16 amx_tile".split(" ");
  const amd = "sse4_1 avx avx2 fma".split(" ");

  test.each([
    [intel, undefined, "avx512"],
    [intel, "ALL", "avx512"],
    [intel, "AVX512_CORE_BF16", "avx512"],
    [intel, "AVX2", "avx2"],
    [intel, "avx2_vnni", "avx2"],
    [intel, "AVX", "avx"],
    [intel, "SSE41", "sse41"],
    [amd, undefined, "avx2"],
    [amd, "AVX512_CORE", "avx2"],
    [["avx", "avx2"], undefined, "avx"],
    [[], undefined, "other"],
  ])("of a processor with %s up to %s is %s", (flags, limit, expected) => {
    expect(instructionSet(new Set(flags), limit)).toBe(expected);
  });
});

describe("numeric settings", () => {
  test("are those that TensorFlow and its libraries read, apart from defaults, logging and Terraform", () => {
    const settings = numericSettings({
      XLA_FLAGS: "--xla_cpu_max_isa=AVX2",
      TF_ENABLE_ONEDNN_OPTS: "0",
      ONEDNN_DEFAULT_FPMATH_MODE: "BF16",
      NVIDIA_TF32_OVERRIDE: "0",
      TF_CPP_MIN_LOG_LEVEL: "0",
      TF_NUM_INTRAOP_THREADS: "4",
      ONEDNN_MAX_CPU_ISA: "AVX2",
      HOME: "/root",
      TF_VAR_password: "secret",
      TF_CLI_CONFIG_FILE: "/root/.terraformrc",
    });
    expect(settings).toEqual([
      "ONEDNN_DEFAULT_FPMATH_MODE=BF16",
      "TF_ENABLE_ONEDNN_OPTS=0",
      "XLA_FLAGS=--xla_cpu_max_isa=AVX2",
    ]);
  });

  test("are part of the platform's description", () => {
    expect(platform()).toMatch(/^(cpu \S+ \S+|cuda .+), TensorFlow \d[\d.]*, 1 thread, math [0-9a-f]{8}/);
  });
});

/** Everything that can be set from outside and might change a result, one at a time. */
const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  { ONEDNN_MAX_CPU_ISA: "AVX2" },
  { ONEDNN_MAX_CPU_ISA: "SSE41" },
  { DNNL_MAX_CPU_ISA: "AVX2" },
  { ONEDNN_DEFAULT_FPMATH_MODE: "BF16" },
  { ALLROADS_MATRIX_PRODUCTS: "bfloat16" },
  { ALLROADS_MATRIX_PRODUCTS: "tf32" },
  { TF_ENABLE_ONEDNN_OPTS: "0" },
  { TF_NUM_INTRAOP_THREADS: "2", TF_NUM_INTEROP_THREADS: "2" },
  { OMP_NUM_THREADS: "2" },
  { XLA_FLAGS: "--xla_cpu_max_isa=AVX2" },
  { TF_XLA_FLAGS: "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit" },
  { TF_DETERMINISTIC_OPS: "1" },
  { GLIBC_TUNABLES: "glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX512F" },
  { ALLROADS_EAGER: "1" },
  { ALLROADS_DEVICE: "cpu", ALLROADS_WORKERS: "3", TF_CPP_MIN_LOG_LEVEL: "0" },
  { LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu", NODE_OPTIONS: "--max-semi-space-size=8" },
  { NODE_OPTIONS: "--jitless --no-warnings" },
];

describe("a setting from outside", () => {
  const script = path.join(import.meta.dirname, "train-once.mjs");
  interface Trained {
    readonly id: string;
    readonly digest: string;
  }

  async function trained(
    settings: Readonly<Record<string, string>>,
    usualId?: string,
  ): Promise<Trained | null> {
    const args = [script, temporaryFolder("runs"), ...(usualId === undefined ? [] : [usualId])];
    const env = { ...process.env, ...settings };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env });
    return JSON.parse(stdout);
  }

  let cached: Promise<Trained | null> | undefined;
  const usual = () => {
    cached ??= trained({});
    return cached;
  };

  test.each(SETTINGS)("gives the same bytes or another id: %j", async (settings) => {
    const found = await trained(settings, (await usual())?.id);
    if (found !== null) expect(found).toEqual(await usual());
  });

  test("gives the same bytes in another run store", async () => {
    expect(await trained({})).toEqual(await usual());
  });
});
