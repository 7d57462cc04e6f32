import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { completedExperiments, registered } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import {
  changedRegistrations,
  lockedDigests,
  lockRegistrations,
  registrationDigest,
} from "../../src/verdicts/registration-lock.ts";

const id = "01-replication";

test("a locked registration may not change", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "allroads ledger "));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  lockRegistrations(folder, [id]);
  expect(lockedDigests(folder)).toEqual({ [id]: registrationDigest(id) });
  lockRegistrations(folder, [id]);
  writeFileSync(path.join(folder, "registrations.json"), JSON.stringify({ [id]: "another rule" }));
  expect(changedRegistrations(folder, [id])).toEqual([id]);
  expect(() => lockRegistrations(folder, [id])).toThrow(
    /^The rules of 01-replication were changed after their runs: /,
  );
});

test("the committed ledger was made for the committed registrations", () => {
  const ids = (some: typeof registered) => some.map(({ id }) => id);
  expect(changedRegistrations(ledgerFolder(), ids(registered))).toEqual([]);
  expect(Object.keys(lockedDigests(ledgerFolder()))).toEqual(
    expect.arrayContaining(ids(completedExperiments())),
  );
});
