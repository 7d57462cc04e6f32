import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { paths as own } from "../../../kernel/setup/paths.mjs";
import { requirementsText } from "../../../kernel/setup/pins.mjs";
import {
  libraryFolder,
  tensorflow,
  tensorflowPin,
  verifyLibraries,
} from "../../../kernel/setup/tensorflow.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";
import { hasPip, writeWheel } from "./wheels.ts";

const folder = useTemporaryFolder();

test("the wheel depends on the device and the architecture", () => {
  const pinned = (device: "cpu" | "cuda", arch: NodeJS.Architecture) =>
    tensorflowPin({ paths: own, device }, arch).name;
  expect(pinned("cpu", "x64")).toBe("tensorflow-cpu");
  expect(pinned("cuda", "x64")).toBe("tensorflow");
  expect(pinned("cpu", "arm64")).toBe("tensorflow");
});

describe.skipIf(!hasPip)("unpacking the library", () => {
  const files = {
    "tensorflow/libtensorflow_cc.so.2": "cc",
    "tensorflow/libtensorflow_framework.so.2": "framework",
    "tensorflow/include/tensorflow/c/c_api.h": "header",
    "tensorflow/python/not_needed.py": "",
  };
  const onArm = process.arch === "arm64";
  const name = onArm ? "tensorflow" : "tensorflow-cpu";
  const tag = `cp311-cp311-manylinux_2_17_${onArm ? "aarch64" : "x86_64"}`;

  beforeEach(() => {
    vi.stubEnv("PIP_NO_INDEX", "1");
    vi.stubEnv("PIP_FIND_LINKS", pathToFileURL(folder.at("index")).href);
    for (const each of ["index", ".allroads"]) mkdirSync(folder.at(each));
    symlinkSync(own.installer, folder.at(".allroads", "pip"));
  });
  afterEach(() => vi.unstubAllEnvs());

  /** Puts TensorFlow's wheel into the index, and pins it. Returns the wheel's path. */
  function pinWheel(contents: Record<string, string> = files): string {
    const wheel = `${name.replace("-", "_")}-9.0.0-${tag}.whl`;
    const { file, hash } = writeWheel(folder.at("index"), wheel, contents);
    folder.put("kernel/tensorflow.txt", requirementsText([{ name, version: "9.0.0", hashes: [hash] }]));
    return file;
  }

  /** Runs the step, and returns the message of its failure. */
  const run = () =>
    tensorflow.run(folder.context()).then(
      () => "",
      (error: Error) => error.message,
    );

  test("the library is ready if it is from the pinned wheel and no file has another size", async () => {
    pinWheel();
    expect(tensorflow.ready(folder.context())).toBe(false);
    expect(await run()).toBe("");
    expect(tensorflow.ready(folder.context())).toBe(true);
    const library = libraryFolder(folder.context());
    expect(readdirSync(library).sort()).toEqual([
      ".allroads.json",
      "include",
      "libtensorflow_cc.so.2",
      "libtensorflow_framework.so.2",
    ]);
    const file = path.join(library, "libtensorflow_cc.so.2");
    writeFileSync(file, "c");
    expect(tensorflow.ready(folder.context())).toBe(false);
    writeFileSync(file, "CC");
    expect(tensorflow.ready(folder.context())).toBe(true);
    await expect(verifyLibraries(folder.context())).rejects.toThrow(
      /libtensorflow_cc\.so\.2 has changed since it was unpacked: delete .*, then run npm run setup;[^\n]*\.$/,
    );
    writeFileSync(file, "cc");
    expect(await verifyLibraries(folder.context())).toBe(3);
    pinWheel({ ...files, more: "" });
    expect(tensorflow.ready(folder.context())).toBe(false);
  });

  test("a library whose wheel was not checked is not ready", () => {
    pinWheel();
    const library = path.relative(folder.at(), libraryFolder(folder.context()));
    for (const file of Object.keys(files)) folder.put(`${library}/${file.replace("tensorflow/", "")}`, "");
    expect(tensorflow.ready(folder.context())).toBe(false);
    folder.put(`${library}/.allroads.json`, "{}");
    expect(tensorflow.ready(folder.context())).toBe(false);
  });

  test("a wheel with another SHA-256 is refused before it is unpacked, and nothing is left", async () => {
    const file = pinWheel();
    const bytes = readFileSync(file);
    const changed = bytes.indexOf("framework", bytes.indexOf("libtensorflow_framework.so.2") + 28);
    writeFileSync(file, bytes.with(changed, (bytes[changed] ?? 0) ^ 1));
    expect(await run()).toMatch(
      new RegExp(
        `^Downloading TensorFlow's library failed: ${name}==9\\.0\\.0 does not have the SHA-256 that is`,
      ),
    );
    expect(existsSync(libraryFolder(folder.context()))).toBe(false);
    expect(readdirSync(folder.at(".allroads", "scratch"))).toEqual([]);
  });

  test("a wheel without the library is refused, and nothing is left", async () => {
    pinWheel({ "tensorflow/libtensorflow_cc.so.2": "cc" });
    expect(await run()).toBe(
      "The wheels of TensorFlow's library contain no file libtensorflow_framework.so.2.",
    );
    expect(existsSync(libraryFolder(folder.context()))).toBe(false);
    expect(readdirSync(folder.at(".allroads", "scratch"))).toEqual([]);
  });
});
