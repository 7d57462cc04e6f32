import { expect, test } from "vitest";
import { helpText } from "../../../kernel/setup/command-line.mjs";
import { refusal } from "../../refusal.ts";
import { KERNEL_BENCH, readArguments } from "./arguments.mjs";
import { NAMES } from "./kernels.mjs";

const read = (argv: string[], env: NodeJS.ProcessEnv = {}) => readArguments(argv, { from: "/home/me", env });

test("by default all kernels are measured in five rounds, and nothing is written", () => {
  expect(read([])).toEqual({ help: false, json: null, names: NAMES, rounds: 5, quick: false, write: false });
});

test("the Allroads kernel is always measured, and first", () => {
  expect(read(["--only", "tslab", "--only=deno"]).names).toEqual(["allroads", "deno", "tslab"]);
  expect(read(["--only", "allroads"]).names).toEqual(["allroads"]);
});

test("the path of --json is relative to the user's folder", () => {
  expect(read(["--json", "kernel.json", "--rounds=3", "--write"])).toMatchObject({
    json: "/home/me/kernel.json",
    rounds: 3,
    write: true,
  });
});

test.each([
  [["--only", "ijavascript"], /no kernel "ijavascript".*allroads, deno, tslab and python3/],
  [["--rounds", "0"], /--rounds is "0"/],
  [["--threads", "2"], /Unknown option --threads: see npm run bench -- kernel --help/],
  [["deno"], /Unexpected argument "deno"/],
  [["--write", "--quick"], /complete run.*leave out --write/],
  [["--write", "--only", "deno"], /complete run/],
])("rejects %j with one line", (argv, message) => {
  expect(refusal(() => read(argv), 2)).toMatch(message);
});

test("reports options that npm took for itself", () => {
  expect(refusal(() => read([], { npm_config_write: "true" }), 2)).toMatch(
    /as in npm run bench -- kernel --write\.$/,
  );
});

test("the help names every option and kernel", () => {
  const options = ["--json", "--only", "--rounds", "--write", "--quick", "--help"];
  for (const word of [...options, ...NAMES]) expect(helpText(KERNEL_BENCH)).toContain(word);
  expect(read(["-h"]).help).toBe(true);
});
