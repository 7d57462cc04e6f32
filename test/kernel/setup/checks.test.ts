import { describe, expect, test } from "vitest";
import {
  checkNode,
  checkPlatform,
  checkSpace,
  findCompiler,
  findPython,
  pythonEnvironment,
} from "../../../kernel/setup/checks.mjs";

test.each(["18.20.1", "20.18.3", "21.7.0", "22.11.0"])(
  "checkNode rejects Node %s and names the version to install",
  (version) => {
    expect(() => checkNode(version)).toThrow(`Node ${version} is too old: install Node 20.19 or later`);
  },
);

test.each(["20.19.0", "20.20.2", "22.12.0", "24.0.0", "26.1.0"])("checkNode accepts Node %s", (version) => {
  checkNode(version);
});

test("checkPlatform rejects systems without a TensorFlow library", () => {
  expect(() => checkPlatform("darwin", "arm64")).toThrow(/darwin on arm64.*Linux/);
  expect(() => checkPlatform("linux", "riscv64")).toThrow(/riscv64/);
  checkPlatform("linux", "x64");
  checkPlatform("linux", "arm64");
});

describe("findPython", () => {
  test("returns the first Python with pinned packages that has venv", () => {
    const answers: Record<string, string> = {
      a: "3.10 True",
      b: "3.12 False",
      c: "3.11 True\n",
      d: "3.13 True",
    };
    expect(findPython((command) => answers[command] ?? null, ["missing", "a", "b", "c", "d"])).toBe("c");
  });

  test("explains why no Python fits", () => {
    expect(() => findPython(() => null, ["x"])).toThrow(
      /^Python 3\.11 to 3\.14 is needed, and no Python was found/,
    );
    expect(() => findPython(() => "3.9 True", ["x"])).toThrow(/only Python 3\.9 was found/);
    expect(() => findPython(() => "3.15 True", ["x"])).toThrow(/only Python 3\.15 was found/);
    expect(() => findPython(() => "3.12 False", ["x"])).toThrow(/3\.12 has no venv module/);
  });
});

test("findCompiler returns the first compiler that works, or says what to install", () => {
  expect(() => findCompiler(() => false)).toThrow(/No C\+\+ compiler.*apt install g\+\+/);
  expect(findCompiler((command) => command === "clang++")).toBe("clang++");
});

test("checkSpace names the needed and the free disk space", () => {
  expect(() => checkSpace("/", 2.5, 1.234)).toThrow(/needs 2\.5 GB .* 1\.2 GB are free/);
  checkSpace("/", 2.5, 2.6);
  checkSpace("/not/there/yet", 0);
});

test("pythonEnvironment removes the variables that change where Python finds packages", () => {
  const env = pythonEnvironment({
    PATH: "p",
    PYTHONPATH: "x",
    PYTHONHOME: "y",
    PIP_TARGET: "z",
    PIP_CERT: "c",
  });
  expect(env).toEqual({ PATH: "p", PIP_CERT: "c", PYTHONNOUSERSITE: "1", PIP_USER: "0" });
});
