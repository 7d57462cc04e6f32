import { expect, test } from "vitest";
import { Failure } from "../../kernel/setup/failure.mjs";
import { startWorker, WorkerError } from "./json-worker.mjs";

/** A worker that doubles numbers, reports an error for negative ones, and exits at 0. */
const SCRIPT = `
const { writeSync } = require("node:fs");
console.log("output of a library");
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

test("a worker replies, reports errors, and the reason of its end is known", async () => {
  const doubling = startWorker("Doubling", process.execPath, ["-e", SCRIPT], process.env);
  try {
    expect(await doubling.request({ number: 21 })).toEqual({ double: 42 });
    const failed = doubling.request({ number: -1 });
    await expect(failed).rejects.toThrow(WorkerError);
    await expect(failed).rejects.toThrow(/^it is negative$/);
    expect(await doubling.request({ number: 2 })).toEqual({ double: 4 });
    const ended = /^The Doubling process ended early \(exit 3: out of numbers\)/;
    await expect(doubling.request({ number: 0 })).rejects.toThrow(ended);
    const later = doubling.request({ number: 1 });
    await expect(later).rejects.toThrow(Failure);
    await expect(later).rejects.toThrow(ended);
  } finally {
    doubling.kill();
  }
});

test("a program that does not exist is reported", async () => {
  const missing = startWorker("Nothing", "/nowhere/python", [], process.env);
  await expect(missing.request({})).rejects.toThrow(/^The Nothing process ended early \(.*ENOENT/);
});
