import { expect, test } from "vitest";
import {
  type Command,
  helpText,
  joinWords,
  parseCommandLine,
  unknownName,
} from "../../../kernel/setup/command-line.mjs";
import { refusal } from "../../refusal.ts";

const command: Command = {
  name: "npm run try --",
  about: "Tries things.",
  options: {
    "dry-run": { help: "do nothing" },
    only: { value: "NAME", multiple: true, help: "only this one;\ncan be repeated" },
    jobs: { value: "N", help: "number of jobs" },
  },
};

const rejected = (argv: string[], env = {}) => refusal(() => parseCommandLine(command, argv, env), 2);

test("reads flags, values and repeated values, with an equals sign or without", () => {
  const { values } = parseCommandLine(command, ["--dry-run", "--only", "a", "--only=b=c", "--jobs=2"]);
  expect(values).toEqual({ "dry-run": true, only: ["a", "b=c"], jobs: "2" });
  expect(parseCommandLine(command, ["--jobs", "-1"]).values).toEqual({ jobs: "-1" });
  expect(parseCommandLine(command, ["-h"]).values.help).toBe(true);
});

test.each([
  [["--fast"], "Unknown option --fast: see npm run try -- --help."],
  [["--constructor"], "Unknown option --constructor: see npm run try -- --help."],
  [["-x"], "Unknown option -x: see npm run try -- --help."],
  [["--jobs"], "--jobs needs a value: see npm run try -- --help."],
  [["--jobs", "--dry-run"], "--jobs needs a value: see npm run try -- --help."],
  [["--dry-run=yes"], "--dry-run takes no value: see npm run try -- --help."],
  [["word"], 'Unexpected argument "word": see npm run try -- --help.'],
])("rejects %j with one message", (argv, message) => {
  expect(rejected(argv)).toBe(message);
});

test("says of an option that npm has kept for itself what to type instead", () => {
  const start = (option: string) =>
    `npm took --${option} for itself: put "--" before the options, as in npm run try -- `;
  expect(rejected([], { npm_config_dry_run: "true" })).toBe(`${start("dry-run")}--dry-run.`);
  expect(rejected(["3"], { npm_config_jobs: "3" })).toBe(`${start("jobs")}--jobs 3.`);
  expect(rejected(["a"], { npm_config_only: "true" })).toBe(`${start("only")}--only NAME.`);
  const wrapper = { ...command, options: {}, passedTo: "a program", passed: ["port", "no-browser"] };
  const kept = (env: NodeJS.ProcessEnv) => refusal(() => parseCommandLine(wrapper, [], env), 2);
  expect(kept({ npm_config_port: "99" })).toBe(`${start("port")}--port 99.`);
  expect(kept({ npm_config_browser: "" })).toBe(`${start("no-browser")}--no-browser.`);
  expect(parseCommandLine(wrapper, [], { npm_config_browser: "firefox" }).operands).toEqual([]);
});

test("a command can have operands, or pass everything but --help to a program", () => {
  const withOperands = { ...command, operands: "COMMAND" };
  expect(parseCommandLine(withOperands, ["go", "--jobs", "1", "on"]).operands).toEqual(["go", "on"]);
  const wrapper = { ...command, options: {}, passedTo: "vitest" };
  expect(parseCommandLine(wrapper, ["--bail", "1", "file"]).values.help).toBe(undefined);
  expect(parseCommandLine(wrapper, ["--help"]).values.help).toBe(true);
});

test("the help lists every option in one column", () => {
  expect(helpText({ ...command, notes: "Notes." })).toBe(`Usage: npm run try -- [options]

Tries things.

Options:
  --dry-run    do nothing
  --only NAME  only this one;
               can be repeated
  --jobs N     number of jobs
  -h, --help   show this help

Notes.
`);
});

test("joins words as in a sentence", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(joinWords)).toEqual(["", "a", "a and b", "a, b and c"]);
});

test("suggests the option and the name that were probably meant", () => {
  expect(rejected(["--dryrun"])).toBe("Unknown option --dryrun: did you mean --dry-run?");
  expect(rejected(["--onyl", "a"])).toBe("Unknown option --onyl: did you mean --only?");
  expect(rejected(["--jobs="])).toBe("--jobs needs a value: see npm run try -- --help.");
  const { message, exitCode } = unknownName("colour", "gren", ["red", "green"]);
  expect([message, exitCode]).toEqual(['There is no colour "gren": did you mean "green"?', 2]);
  expect(unknownName("colour", "x", ["red", "green"]).message).toBe(
    'There is no colour "x": the colours are red and green.',
  );
});
