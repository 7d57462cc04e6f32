import { describe, expect, test } from "vitest";
import {
  checkNode,
  checkPlatform,
  checkSpace,
  findCompiler,
  findPython,
  pythonEnvironment,
} from "../../kernel/setup/checks.mjs";
import { chooseDevice } from "../../kernel/setup/device.mjs";
import { explain } from "../../kernel/setup/failure.mjs";
import { duration } from "../../kernel/setup/say.mjs";
import { wheelFor } from "../../kernel/setup/tensorflow.mjs";

const never = () => {
  throw new Error("not to be asked");
};

describe("checks", () => {
  test.each(["18.20.1", "20.18.3", "21.7.0", "22.11.0"])(
    "Node %s is refused with what to install",
    (version) => {
      expect(() => checkNode(version)).toThrow(`Node ${version} is too old: install Node 20.19 or later`);
    },
  );

  test.each(["20.19.0", "20.20.2", "22.12.0", "24.0.0", "26.1.0"])("Node %s is accepted", (version) => {
    checkNode(version);
  });

  test("systems without TensorFlow's library are refused by name", () => {
    expect(() => checkPlatform("darwin", "arm64")).toThrow(/darwin on arm64.*Linux/);
    expect(() => checkPlatform("linux", "riscv64")).toThrow(/riscv64/);
    checkPlatform("linux", "x64");
    checkPlatform("linux", "arm64");
  });

  test("the first fitting Python is taken", () => {
    const answers: Record<string, string> = {
      a: "3.10 True",
      b: "3.12 False",
      c: "3.11 True\n",
      d: "3.13 True",
    };
    expect(findPython((command) => answers[command] ?? null, ["missing", "a", "b", "c", "d"])).toBe("c");
  });

  test("what is wrong with the Pythons there are is told", () => {
    expect(() => findPython(() => null, ["x"])).toThrow(/3\.11 or later is needed, and no Python was found/);
    expect(() => findPython(() => "3.9 True", ["x"])).toThrow(/only Python 3\.9 was found/);
    expect(() => findPython(() => "3.12 False", ["x"])).toThrow(/3\.12 is here without its venv module/);
  });

  test("a missing compiler is told with what to install", () => {
    expect(() => findCompiler(() => false)).toThrow(/No C\+\+ compiler.*apt install g\+\+/);
    expect(findCompiler((command) => command === "clang++")).toBe("clang++");
  });

  test("a disk with too little space is told with both numbers", () => {
    expect(() => checkSpace("/", 2.5, 1.234)).toThrow(/has 1\.2 GB free, and set-up needs 2\.5 GB/);
    checkSpace("/", 2.5, 2.6);
    checkSpace("/not/there/yet", 0);
  });

  test("variables that send Python elsewhere are left out, the others kept", () => {
    const env = pythonEnvironment({
      PATH: "p",
      PYTHONPATH: "x",
      PYTHONHOME: "y",
      PIP_TARGET: "z",
      PIP_CERT: "c",
    });
    expect(env).toEqual({ PATH: "p", PIP_CERT: "c", PYTHONNOUSERSITE: "1", PIP_USER: "0" });
  });
});

describe("the device", () => {
  test("is what ALLROADS_DEVICE says, and CUDA where there is a driver", () => {
    expect(chooseDevice("cpu", never, "x64")).toBe("cpu");
    expect(chooseDevice("cuda", never, "x64")).toBe("cuda");
    expect(chooseDevice(undefined, () => true, "x64")).toBe("cuda");
    expect(chooseDevice("", () => false, "x64")).toBe("cpu");
  });

  test("is the CPU on aarch64, where there is no CUDA library", () => {
    expect(chooseDevice(undefined, () => true, "arm64")).toBe("cpu");
    expect(() => chooseDevice("cuda", never, "arm64")).toThrow(/x86-64 only/);
  });

  test("a wish that is neither is refused", () => {
    expect(() => chooseDevice("tpu", never, "x64")).toThrow(
      /ALLROADS_DEVICE is "tpu": it must be cpu or cuda/,
    );
  });

  test("decides the package that holds the library", () => {
    expect(wheelFor("cpu", "x64")).toMatch(/^tensorflow-cpu==/);
    expect(wheelFor("cuda", "x64")).toMatch(/^tensorflow==/);
    expect(wheelFor("cpu", "arm64")).toMatch(/^tensorflow==/);
  });
});

describe("explain", () => {
  const sentence = (output: string) => explain("Installing things", output, "/log");

  test.each([
    "npm error code EAI_AGAIN",
    "npm error network request to x failed, reason: getaddrinfo ENOTFOUND x",
    "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
    "connect ECONNREFUSED 127.0.0.1:9",
  ])("a network that is not there: %s", (output) => {
    expect(sentence(output)).toMatch(/cannot be reached.*network or the proxy/);
  });

  test.each(["OSError: [Errno 28] No space left on device", "npm error code ENOSPC"])(
    "a full disk: %s",
    (output) => {
      expect(sentence(output)).toMatch(/the disk is full/);
    },
  );

  test("anything else: the last line that names an error, and the log", () => {
    expect(sentence("one\nfatal error: napi.h: No such file\nmake stopped\n")).toBe(
      "Installing things failed (fatal error: napi.h: No such file): read /log, then run the same command again.",
    );
    expect(sentence("")).toBe("Installing things failed: read /log, then run the same command again.");
  });
});

test("durations are told as people do", () => {
  expect([12, 949, 951, 59_400, 60_000, 185_000, 7_620_000].map(duration)).toEqual([
    "12 ms",
    "949 ms",
    "1 s",
    "59 s",
    "1 min 00 s",
    "3 min 05 s",
    "2 h 07 min",
  ]);
});
