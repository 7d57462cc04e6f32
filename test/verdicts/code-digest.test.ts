import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../src/files/repository.ts";
import { codeDigest, ownCodeDigest } from "../../src/verdicts/code-digest.ts";
import { temporaryFolder } from "../temporary.ts";

/** The digest of the code with one change to one file of src. */
function digestWith(file: string, from: string | RegExp, to: string): string {
  const root = temporaryFolder("code");
  const copied = ["package.json", "evaluation", "files", "pipeline", "results", "tensors", "verdicts"];
  for (const folder of copied)
    cpSync(path.join(repositoryRoot(), "src", folder), path.join(root, "src", folder), { recursive: true });
  const changed = path.join(root, "src", file);
  const text = readFileSync(changed, "utf8");
  expect(text).toMatch(from);
  writeFileSync(changed, text.replace(from, to));
  return codeDigest(root);
}

describe("the digest of the code that computes verdicts", () => {
  test.each([
    ["a comment", "evaluation/bootstrap.ts", /^/, "// Another comment.\n"],
    ["a type", "evaluation/statistics.ts", "readonly low: number", "readonly low: number | never"],
    ["formatting", "verdicts/rules.ts", "return low > 0;", "return (\n  low >\n 0);"],
    [
      "code that computes rows",
      "pipeline/evaluation.ts",
      "RECORDED_COMPLETIONS = 8",
      "RECORDED_COMPLETIONS = 9",
    ],
    [
      "reading a registration",
      "verdicts/sealed-forms.ts",
      "...own,\n      refutedBy",
      "...own,\n      x: 1,\n      refutedBy",
    ],
    ["a colour", "results/labels.ts", "#3a9bdc", "#3a9bdd"],
    ["writing a ledger", "results/ledger.ts", "mkdirSync(folder, { recursive: true });", ""],
  ])("is the same after a change of %s", (_, file, from, to) => {
    expect(digestWith(file, from, to)).toBe(ownCodeDigest());
  });

  test.each([
    ["the bootstrap", "evaluation/bootstrap.ts", "(1 - confidence) / 2;", "(1 - confidence) / 3;"],
    ["a statistic", "evaluation/statistics.ts", "/ values.length", "/ (values.length - 1)"],
    [
      "a measure",
      "results/measures.ts",
      "ofArm: ({ entropy }) => [entropy]",
      "ofArm: ({ entropy }) => [2 * entropy]",
    ],
    ["a rule", "verdicts/rules.ts", "return low > -rule.margin;", "return low > -2 * rule.margin;"],
    ["judging", "verdicts/judge.ts", "results.length >= (", "results.length > ("],
    ["a need", "verdicts/needs.ts", "measured.low > (", "measured.high > ("],
    ["a test", "verdicts/student-rules.ts", "1 - 2 * alpha", "1 - alpha"],
    ["a count of forward passes", "pipeline/forward-passes.ts", "TRAINING = 3", "TRAINING = 4"],
    ["Holm's procedure", "evaluation/holm.ts", "p < alpha / left", "p < alpha"],
    ["collecting", "results/collect.ts", "next.value > first.value", "next.value >= first.value"],
    ["reading the ledger", "results/packing.ts", "return value;\n  });", "return value + 0.3;\n  });"],
    ["a random stream", "tensors/random.ts", /return /, "return 0 && "],
  ])("is another after a change of %s", (_, file, from, to) => {
    expect(digestWith(file, from, to)).not.toBe(ownCodeDigest());
  });
});

test("code that does not compile is an error", () => {
  expect(() => digestWith("verdicts/rules.ts", "return low > 0;", "return low >;")).toThrow(/rules\.ts/);
});
