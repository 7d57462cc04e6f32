import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { designs, ledgerFolder } from "../../src/experiments/programme.ts";
import {
  changedSince,
  registrationDigest,
  seal,
  sealedDigests,
} from "../../src/verdicts/registration-lock.ts";

describe("a sealed registration", () => {
  const id = "01-replication";

  it("may not be changed once its runs were made", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "allroads ledger "));
    seal(folder, [id]);
    expect(sealedDigests(folder)).toEqual({ [id]: registrationDigest(id) });
    seal(folder, [id]);
    writeFileSync(path.join(folder, "registrations.json"), JSON.stringify({ [id]: "another rule" }));
    expect(changedSince(folder, [id])).toEqual([id]);
    expect(() => seal(folder, [id])).toThrow(/^The rules of 01-replication were changed after their runs: /);
  });
});

describe("the committed ledger", () => {
  it("was made by the rules that are committed", () => {
    expect(changedSince(ledgerFolder(), Object.keys(designs))).toEqual([]);
  });
});
