import { createHash } from "node:crypto";

/*
 * Digests of the code that computes stages, set when the package is built. A part is the code behind one kind of stage
 * or one task, with everything that it imports and uses; comments and types do not count.
 */

declare const __CODE_DIGESTS__: Readonly<Record<string, string>> | undefined;

/**
 * Digests by part: "kind NAME" for the rows of kinds.ts, "task NAME" for those of tasks/built-in-tasks.ts, "common" for
 * what computes every stage, and "library" for all of the library. None if the code runs from source, as in tests.
 */
const digests = typeof __CODE_DIGESTS__ === "object" ? __CODE_DIGESTS__ : undefined;

/** The digest of these parts of the code and of what is common to all stages, 16 hexadecimal digits; "source" in tests. */
export function codeDigest(parts: Iterable<string>): string {
  if (digests === undefined) return "source";
  const lines = [...new Set(["common", ...parts])].sort().map((part) => `${part} ${digests[part]}`);
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}
