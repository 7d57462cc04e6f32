import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../../kernel/setup/paths.mjs";

const headers = path.join(paths.nodeModules, "node-api-headers", "include");
const hasCompiler = existsSync(headers) && spawnSync("g++", ["--version"]).status === 0;

/** What TensorFlow writes when it is loaded. */
const startup = [
  "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
  "I0000 00:00:1796031551.183886   12413 port.cc:153] oneDNN custom operations are on. You may see slightly different",
  "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate flags.",
];
const real = "E0000 00:00:1796031551.183886   12413 real.cc:1] the card has no memory left";
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

/** A binding that writes start-up lines and an error when it is loaded, and then ends the process as a variable says. */
const binding = `#include <node_api.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
NAPI_MODULE_INIT() {
  std::fputs(${JSON.stringify(text([...startup, real]))}, stderr);
  const char* end = std::getenv("END");
  if (end != nullptr && std::strcmp(end, "abort") == 0) std::abort();
  if (end != nullptr && std::strcmp(end, "exit") == 0) std::exit(7);
  return exports;
}`;

describe.skipIf(!hasCompiler)("the loader of TensorFlow's binding", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "binding "));
    const source = path.join(folder, "binding.cc");
    writeFileSync(source, binding);
    const loader = path.join(paths.root, "kernel", "setup", "binding-loader.cc");
    for (const [file, name] of [
      [source, "tensorflow_binding.node"],
      [loader, "tfjs_binding.node"],
    ] as const) {
      const args = [
        "-shared",
        "-fPIC",
        "-std=c++17",
        "-DNAPI_VERSION=8",
        "-I",
        headers,
        file,
        "-ldl",
        "-o",
        name,
      ];
      const { status, stderr } = spawnSync("g++", args, { cwd: folder, encoding: "utf8" });
      expect(status, stderr).toBe(0);
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const program = `require("./tfjs_binding.node"); console.error("after")`;
  const load = (env: NodeJS.ProcessEnv = {}, stderr: "pipe" | number = "pipe") => {
    const stdio = ["ignore", "pipe", stderr] as const;
    const options = {
      cwd: folder,
      encoding: "utf8" as const,
      env: { ...process.env, ...env },
      stdio: [...stdio],
    };
    return spawnSync(process.execPath, ["-e", program], options);
  };

  test("leaves TensorFlow's start-up lines out of standard error, and nothing else", () => {
    expect(load().stderr).toBe(text([real, "after"]));
  });

  test("leaves them out of a file, which is written on where it was", () => {
    const file = path.join(folder, "errors");
    writeFileSync(file, "before\n");
    const handle = openSync(file, "a");
    load({}, handle);
    closeSync(handle);
    expect(readFileSync(file, "utf8")).toBe(text(["before", real, "after"]));
  });

  test("loses nothing of what was written before the process ended while it was loaded", () => {
    const aborted = load({ END: "abort" });
    expect([aborted.signal, aborted.stderr]).toEqual(["SIGABRT", expect.stringContaining(real)]);
    expect(load({ END: "exit" }).stderr).toBe(text([real]));
  });

  test("says which library is missing", () => {
    const other = `require("fs").mkdirSync("alone"); require("fs").copyFileSync("tfjs_binding.node", "alone/a.node"); require("./alone/a.node")`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", other], { cwd: folder, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/Error: .*alone\/tensorflow_binding\.node: cannot open shared object file/);
  });
});

test.skipIf(!existsSync(path.join(paths.tfjs, "lib", "napi-v8", "tfjs_binding.node")))(
  "TensorFlow is loaded without a word, whoever loads it",
  () => {
    const util = `const util = require("util"); util.isNullOrUndefined ??= (x) => x == null; util.isArray ??= Array.isArray;`;
    const code = `${util} require("@tensorflow/tfjs-node-gpu").scalar(2).square().dataSync()`;
    const options = {
      cwd: paths.root,
      encoding: "utf8" as const,
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", code], options);
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  },
);
