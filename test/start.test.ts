import { expect, test } from "vitest";
import { UsageError } from "../src/files/usage-error.ts";
import { readCall } from "../src/start.ts";

test("reads a call of allroads", () => {
  expect(readCall(["train", "--only", "03", "--seed", "41"])).toMatchObject({ command: "train" });
  expect(readCall(["tune", "--help"])).toMatchObject({
    help: expect.stringContaining("Usage: npx allroads tune NAME"),
  });
});

test("refuses a name that is neither a notebook's nor an experiment's", () => {
  expect(() => readCall(["seals", "check", "--only", "nonsense"])).toThrow(UsageError);
});
