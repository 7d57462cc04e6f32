import { describe, expect, test } from "vitest";
import { describeFailure, type Program, parseCommand } from "../src/command-line.ts";
import { UsageError } from "../src/files/usage-error.ts";

const program: Program = {
  name: "shop",
  about: "Sells things.",
  notes: "The shop is open.",
  commands: {
    go: {
      help: "go to a place",
      operand: "PLACE",
      options: {
        fast: { help: "run" },
        via: { value: "NAME", help: "another place first;\ncan be repeated" },
        "at-most": { value: "N", number: true, help: "how far" },
        by: { value: "WAY", choices: ["road", "rail"], help: "how" },
      },
    },
    "list things": { help: "list them" },
    "list prices": { help: "list what they cost", operand: "ID" },
  },
};
const parse = (line: string, env = {}) => parseCommand(line === "" ? [] : line.split(" "), program, env);
const help = (line: string, env = {}) => {
  const read = parse(line, env);
  return "help" in read ? read.help : undefined;
};

describe("parseCommand", () => {
  test("reads a command, its operand and its options in any order", () => {
    const options = new Map([
      ["via", ["a", "b=c", "-1"]],
      ["fast", []],
      ["by", ["rail"]],
    ]);
    expect(parse("--via a go --via=b=c home --via -1 --fast --by rail")).toEqual({
      command: "go",
      operand: "home",
      options,
    });
  });

  test("a command can have two words", () => {
    expect(parse("list things")).toMatchObject({ command: "list things", operand: undefined });
    expect(parse("list prices x")).toMatchObject({ command: "list prices", operand: "x" });
  });

  test.each([
    ["go --by raod", 'There is no by "raod": did you mean "road"?'],
    ["go --at-most x", '--at-most is "x": give a whole number from 0.'],
    ["go --at-most -1", '--at-most is "-1": give a whole number from 0.'],
  ])("refuses the value in %s", (line, sentence) => {
    expect(() => parse(line)).toThrow(new UsageError(sentence));
  });

  test("says of an option that npm has kept for itself what to type instead", () => {
    const sentence = (option: string, value: string, event?: string) => {
      const env = { [`npm_config_${option}`]: value, npm_lifecycle_event: event };
      try {
        parse("go", env);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    const start = (option: string) => `npm took --${option} for itself: put "--" before the options, as in `;
    expect(sentence("via", "a", "go")).toBe(`${start("via")}npm run go -- --via a.`);
    expect(sentence("at_most", "true", "go")).toBe(`${start("at-most")}npm run go -- --at-most N.`);
    expect(sentence("fast", "true", "npx")).toBe(`${start("fast")}npx shop go --fast.`);
    expect(sentence("fast", "")).toBe(undefined);
    expect(parse("list things", { npm_config_via: "a" })).toMatchObject({ command: "list things" });
  });
});

describe("the help", () => {
  test("on the program lists its commands, and is wanted without a command and with --help or -h", () => {
    expect(help("")).toBe(`Usage: npx shop COMMAND [options]

Sells things.

Commands:
  go PLACE        go to a place
  list things     list them
  list prices ID  list what they cost

Options:
  -h, --help  show this help

npx shop COMMAND --help lists the options of a command. The shop is open.`);
    for (const line of ["--help", "-h", "nowhere --help"]) expect(help(line)).toBe(help(""));
  });

  test("on a command lists its options, as it was called", () => {
    const text = `Usage: npx shop go PLACE [options]

Go to a place.

Options:
  --fast       run
  --via NAME   another place first;
               can be repeated
  --at-most N  how far
  --by WAY     how
  -h, --help   show this help`;
    expect(help("go --help")).toBe(text);
    expect(help("--fast go home -h")).toBe(text);
    const byScript = help("go --help", { npm_lifecycle_event: "go" });
    expect(byScript).toBe(text.replace("npx shop go", "npm run go --"));
  });

  test("on a first word lists the commands that begin with it", () => {
    expect(help("list --help")).toContain("list prices ID");
    expect(help("list --help")).not.toContain("go to a place");
  });
});

describe("describeFailure", () => {
  test("gives the message alone of a mistake in the call, with exit status 2, and of an error thrown on purpose", () => {
    expect(describeFailure(new UsageError("Give one."))).toEqual({ text: "Give one.", status: 2 });
    expect(describeFailure(new Error("The disk is full."))).toEqual({ text: "The disk is full.", status: 1 });
  });

  test.each([new TypeError("x is undefined"), new RangeError("too deep"), "a text"])(
    "says of %j that it is an error of the program, and how to report it",
    (error) => {
      const { text, status } = describeFailure(error);
      expect(text).toMatch(
        /^This is an error in Allroads, not in how you called it\. Please report it .*:\n/,
      );
      expect(text).toContain(error instanceof Error ? `${error.name}: ${error.message}\n    at ` : "a text");
      expect(status).toBe(1);
    },
  );

  test("shows characters that are not seen", () => {
    expect(describeFailure(new Error("a\u001b]0;t\u0007\u202e")).text).toBe("a\\x1b]0;t\\x07\\u202e");
  });
});
