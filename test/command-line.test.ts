import { describe, expect, test } from "vitest";
import { describeFailure, parseCommand } from "../src/command-line.ts";
import { UsageError } from "../src/files/usage-error.ts";

const commands = {
  go: { operand: "PLACE", options: { fast: undefined, via: "NAME" } },
  "shop list": {},
  "shop show": { operand: "ID" },
};
const parse = (line: string, env = {}) => parseCommand(line === "" ? [] : line.split(" "), commands, env);

describe("parseCommand", () => {
  test("reads a command, its operand and its options in any order", () => {
    const options = new Map([
      ["via", ["a", "b=c", "-1"]],
      ["fast", []],
    ]);
    expect(parse("--via a go --via=b=c home --via -1 --fast")).toEqual({
      command: "go",
      operand: "home",
      options,
    });
  });

  test("a command can have two words", () => {
    expect(parse("shop list")).toMatchObject({ command: "shop list", operand: undefined });
    expect(parse("shop show x")).toMatchObject({ command: "shop show", operand: "x" });
  });

  test("help is wanted without a command and with --help or -h anywhere", () => {
    for (const line of ["", "--help", "go -h", "nowhere --help"]) expect(parse(line).command).toBe(undefined);
  });

  test("reports an option that npm has taken for itself", () => {
    expect(() => parse("go", { npm_config_via: "a" })).toThrow(
      'npm took --via for itself: put "--" before the options of allroads go.',
    );
    expect(parse("shop list", { npm_config_via: "a" }).command).toBe("shop list");
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
