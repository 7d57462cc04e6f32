import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  forgetSubmission,
  logOf,
  makeSubmissionFolder,
  readSubmission,
  submissionFolder,
  submissionName,
  submissionNames,
  writeSubmission,
} from "../../src/cluster/submission.ts";
import { leftovers } from "../../src/pipeline/leftovers.ts";
import { temporaryFolder } from "../temporary.ts";

const about = {
  preset: "smoke",
  only: ["01"],
  options: { cpus: "4", setup: ["module load node"] },
  tasks: [{ seed: 3, results: ["a b"], cost: 1.5 }],
  arrays: [
    { job: "7", seeds: [4, 3], submitted: "" },
    { job: "9", seeds: [3], submitted: "" },
  ],
};

describe("a submission", () => {
  test("is read as it was written, and the newest is first", () => {
    const store = temporaryFolder("submissions");
    expect(submissionNames(store)).toEqual([]);
    const names = [1, 2].map((hour) => submissionName("smoke", new Date(Date.UTC(2026, 0, 1, hour))));
    expect(names[0]).toBe("20260101T010000-smoke");
    for (const name of names) {
      makeSubmissionFolder(store, name);
      writeSubmission(store, { ...about, name });
    }
    expect(submissionNames(store)).toEqual(names.toReversed());
    expect(readSubmission(store, names[0]!)).toEqual({ ...about, name: names[0] });
    expect(() => makeSubmissionFolder(store, names[0]!)).toThrow("submit again in a second");
    forgetSubmission(store, names[1]!);
    expect(submissionNames(store)).toEqual([names[0]]);
    expect(readdirSync(submissionFolder(store, names[0]!))).toEqual(["submission.json"]);
  });

  test("that is not as it was written is named", () => {
    const store = temporaryFolder("submissions");
    const file = path.join(makeSubmissionFolder(store, "x"), "submission.json");
    for (const [text, problem] of [
      ["{", "could not be read"],
      ["{}", "is not as expected"],
    ] as const) {
      writeFileSync(file, text);
      expect(() => readSubmission(store, "x")).toThrow(`${file} ${problem}`);
    }
  });

  test("has the log of the newest task of a seed", () => {
    const log = (seed: number) => logOf("/store", { ...about, name: "x" }, seed);
    expect(log(3)).toBe("/store/.jobs/x/9_0.log");
    expect(log(4)).toBe("/store/.jobs/x/7_0.log");
    expect(log(5)).toBeUndefined();
  });

  test("is not what pruning a store removes", async () => {
    const store = temporaryFolder("submissions");
    makeSubmissionFolder(store, "x");
    writeSubmission(store, { ...about, name: "x" });
    expect(await leftovers(store, () => true)).toEqual({ unneeded: [], unfinished: [], running: [] });
  });
});
