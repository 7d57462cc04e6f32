import { describe, expect, test } from "vitest";
import { helpText } from "../../kernel/setup/command-line.mjs";
import { refusal } from "../refusal.ts";
import { BENCH, CUDA_BENCH, readArguments, SIZES } from "./arguments.mjs";

const read = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  readArguments(argv, { from: "/home/me", cores: 6, env });

const rejected = (argv: string[], env: NodeJS.ProcessEnv = {}) => refusal(() => read(argv, env), 2);

describe("readArguments", () => {
  test("by default all sizes but the large ones are measured, in seven rounds with one thread per core", () => {
    expect(read([])).toEqual({
      help: false,
      json: null,
      sizes: ["lab", "d128", "pythia"],
      rounds: 7,
      threads: 6,
      quick: false,
    });
  });

  test("--only can be repeated or contain commas; sizes keep their order", () => {
    expect(read(["--only", "pythia", "--only=lab"]).sizes).toEqual(["lab", "pythia"]);
    expect(read(["--only", "d128,lab,d128"]).sizes).toEqual(["lab", "d128"]);
  });

  test("the path of --json is relative to the user's folder", () => {
    expect(read(["--json", "out/bench.json"]).json).toBe("/home/me/out/bench.json");
    expect(read(["--json=/elsewhere.json", "--quick", "--rounds", "3", "--threads=2"])).toMatchObject({
      json: "/elsewhere.json",
      quick: true,
      rounds: 3,
      threads: 2,
    });
  });

  test.each([
    [["--fast"], /Unknown option --fast/],
    [["--json"], /--json needs a value/],
    [["--only", "--quick"], /--only needs a value/],
    [["--only", "lab,huge"], /no size "huge".*lab, d128, pythia, pythia-70m and pythia-160m/],
    [["--only", ""], /--only needs a value/],
    [["--rounds", "0"], /--rounds is "0".*greater than zero/],
    [["--rounds", "2.5"], /whole number/],
    [["--threads", "all"], /--threads is "all"/],
    [["kernel"], /Unexpected argument "kernel"/],
  ])("rejects %j with one line", (argv, message) => {
    expect(rejected(argv)).toMatch(message);
  });

  test("--json must not be a folder", () => {
    const folder = import.meta.dirname;
    expect(rejected(["--json", folder])).toContain(`--json is the folder ${folder}: give a file`);
  });

  test("reports options that npm took for itself", () => {
    expect(rejected(["out.json"], { npm_config_json: "true" })).toMatch(/npm run bench -- --json FILE\./);
    expect(rejected([], { npm_config_rounds: "3" })).toMatch(/npm run bench -- --rounds 3\./);
  });

  test("the help names every option and size", () => {
    const options = ["--json", "--only", "--rounds", "--threads", "--quick", "--help"];
    for (const word of [...options, ...SIZES])
      for (const command of [BENCH, CUDA_BENCH]) expect(helpText(command)).toContain(word);
    for (const word of ["PyTorch", "torch.compile", "JAX", "memory"]) expect(helpText(BENCH)).toContain(word);
    expect(read(["-h"]).help).toBe(true);
  });
});
