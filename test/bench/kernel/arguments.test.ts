import { expect, test } from "vitest";
import { refusal } from "../../refusal.ts";
import { helpText, readArguments } from "./arguments.mjs";
import { NAMES } from "./kernels.mjs";

const read = (argv: string[], env: NodeJS.ProcessEnv = {}) => readArguments(argv, { from: "/home/me", env });

test("without options: every kernel, five rounds, nothing written", () => {
  expect(read([])).toEqual({ help: false, json: null, names: NAMES, rounds: 5, quick: false, write: false });
});

test("Allroads' own kernel is always measured, and first", () => {
  expect(read(["--only", "tslab", "--only=deno"]).names).toEqual(["allroads", "deno", "tslab"]);
  expect(read(["--only", "allroads"]).names).toEqual(["allroads"]);
});

test("the file for the numbers is found from where the user is", () => {
  expect(read(["--json", "kernel.json", "--rounds=3", "--write"])).toMatchObject({
    json: "/home/me/kernel.json",
    rounds: 3,
    write: true,
  });
});

test.each([
  [["--only", "ijavascript"], /no kernel "ijavascript".*allroads, deno, tslab and python3/],
  [["--rounds", "0"], /--rounds is "0"/],
  [["--threads", "2"], /no option --threads: see npm run bench -- kernel --help/],
  [["deno"], /"deno" is not an option/],
  [["--write", "--quick"], /whole run.*leave out --write/],
  [["--write", "--only", "deno"], /whole run/],
])("%j is refused in one sentence", (argv, sentence) => {
  expect(refusal(() => read(argv), 2)).toMatch(sentence);
});

test("options that npm took for itself are told", () => {
  expect(refusal(() => read([], { npm_config_write: "true" }), 2)).toMatch(
    /as in npm run bench -- kernel --write\.$/,
  );
});

test("help names every option and kernel", () => {
  const options = ["--json", "--only", "--rounds", "--write", "--quick", "--help"];
  for (const word of [...options, ...NAMES]) expect(helpText()).toContain(word);
  expect(read(["-h"]).help).toBe(true);
});
