import { codeDigest } from "./code.ts";

/*
 * A job that waits in a queue may start after the package was built anew. Its script sets the digest of the code that it
 * was submitted with, and every process of the job compares it with its own.
 */

/** The variable of a job's environment that holds `libraryDigest` as it was at submission. */
export const SUBMITTED_CODE = "ALLROADS_SUBMITTED_CODE";

/** The digest of all code of the library as this process has loaded it; "source" in tests. */
export const libraryDigest = (): string => codeDigest(["library"]);

/** Throws if this process belongs to a job that was submitted with other code. */
export function checkSubmittedCode(env: Readonly<Record<string, string | undefined>> = process.env): void {
  const submitted = env[SUBMITTED_CODE];
  if (!submitted || submitted === libraryDigest()) return;
  throw new Error(
    `This job was submitted with other code (${submitted}) than is built now (${libraryDigest()}): submit it again ` +
      "with allroads jobs retry.",
  );
}

/**
 * Throws if a worker process has other code than the program that sends it stages, whose ids depend on the code: the
 * package can be built anew while a program runs.
 */
export function checkParentsCode(parent: string): void {
  if (parent === libraryDigest()) return;
  throw new Error(
    "The code of allroads was built anew while this program ran, and what it computes must not be mixed: start the " +
      "program again; in a notebook, run the cell that imports allroads again.",
  );
}
