import { expect, test } from "vitest";
import { checkSubmittedCode, libraryDigest, SUBMITTED_CODE } from "../../src/pipeline/submitted-code.ts";

test("a job's process goes on only with the code that the job was submitted with", () => {
  expect(() => checkSubmittedCode({})).not.toThrow();
  expect(() => checkSubmittedCode({ [SUBMITTED_CODE]: libraryDigest() })).not.toThrow();
  expect(() => checkSubmittedCode({ [SUBMITTED_CODE]: "0123456789abcdef" })).toThrow(
    /^This job was submitted with other code \(0123456789abcdef\) than is built now \(.+\): .* allroads jobs retry\.$/,
  );
});
