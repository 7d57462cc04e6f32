import { expect, test } from "vitest";
import { Failure } from "../../kernel/setup/failure.mjs";
import { Refusal, startProcess } from "./answering.mjs";

/** Answers with the double of what it is sent, refuses what is negative, and leaves at 0. */
const SCRIPT = `
const { writeSync } = require("node:fs");
console.log("what a library prints");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { number } = JSON.parse(line);
  if (number === 0) {
    console.error("out of numbers");
    process.exit(3);
  }
  const reply = number < 0 ? { failed: "it is negative" } : { double: 2 * number };
  writeSync(3, JSON.stringify(reply) + "\\n");
});
`;

test("a process answers, refuses, and tells why it ended", async () => {
  const doubling = startProcess("Doubling", process.execPath, ["-e", SCRIPT], process.env);
  try {
    expect(await doubling.ask({ number: 21 })).toEqual({ double: 42 });
    const refused = doubling.ask({ number: -1 });
    await expect(refused).rejects.toThrow(Refusal);
    await expect(refused).rejects.toThrow(/^it is negative$/);
    expect(await doubling.ask({ number: 2 })).toEqual({ double: 4 });
    const ended = /^The process of Doubling ended early \(exit 3: out of numbers\)/;
    await expect(doubling.ask({ number: 0 })).rejects.toThrow(ended);
    const later = doubling.ask({ number: 1 });
    await expect(later).rejects.toThrow(Failure);
    await expect(later).rejects.toThrow(ended);
  } finally {
    doubling.end();
  }
});

test("a program that is not there is told", async () => {
  const missing = startProcess("Nothing", "/nowhere/python", [], process.env);
  await expect(missing.ask({})).rejects.toThrow(/^The process of Nothing ended early \(.*ENOENT/);
});
