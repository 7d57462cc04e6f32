import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { refusal } from "../refusal.ts";
import { helpText, readArguments, SIZES } from "./arguments.mjs";

const read = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  readArguments(argv, { from: "/home/me", cores: 6, env });

const refused = (argv: string[], env: NodeJS.ProcessEnv = {}) => refusal(() => read(argv, env), 2);

describe("readArguments", () => {
  test("without options: every size, seven rounds, as many threads as cores", () => {
    expect(read([])).toEqual({
      help: false,
      json: null,
      sizes: SIZES,
      rounds: 7,
      threads: 6,
      quick: false,
    });
  });

  test("sizes may be given again or with commas between, and keep their order", () => {
    expect(read(["--only", "pythia", "--only=lab"]).sizes).toEqual(["lab", "pythia"]);
    expect(read(["--only", "d128,lab,d128"]).sizes).toEqual(["lab", "d128"]);
  });

  test("the file for the numbers is found from where the user is", () => {
    expect(read(["--json", "out/bench.json"]).json).toBe("/home/me/out/bench.json");
    expect(read(["--json=/elsewhere.json", "--quick", "--rounds", "3", "--threads=2"])).toMatchObject({
      json: "/elsewhere.json",
      quick: true,
      rounds: 3,
      threads: 2,
    });
  });

  test.each([
    [["--fast"], /no option --fast/],
    [["--json"], /--json needs a value/],
    [["--only", "--quick"], /--only needs a value/],
    [["--only", "lab,huge"], /no size "huge".*lab, d128 and pythia/],
    [["--only", ""], /no size ""/],
    [["--rounds", "0"], /--rounds is "0".*above zero/],
    [["--rounds", "2.5"], /whole number/],
    [["--threads", "all"], /--threads is "all"/],
    [["kernel"], /"kernel" is not an option/],
  ])("%j is refused in one sentence", (argv, sentence) => {
    expect(refused(argv)).toMatch(sentence);
  });

  test("a folder cannot hold the numbers", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "allroads bench "));
    expect(refused(["--json", folder])).toContain(`--json is the folder ${folder}: name a file`);
    rmdirSync(folder);
  });

  test("options that npm took for itself are told", () => {
    expect(refused(["out.json"], { npm_config_json: "true" })).toMatch(/npm run bench -- --json\./);
    expect(refused([], { npm_config_rounds: "3" })).toMatch(/npm run bench -- --rounds 3\./);
  });

  test("help names every option and size", () => {
    const options = ["--json", "--only", "--rounds", "--threads", "--quick", "--help"];
    for (const word of [...options, ...SIZES]) expect(helpText()).toContain(word);
    expect(read(["-h"]).help).toBe(true);
  });
});
