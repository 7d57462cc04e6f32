import { describe, expect, test } from "vitest";
import { completedExperiments, plansOf } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import { collect } from "../../src/results/collect.ts";
import { ledgerRecords } from "../../src/results/ledger.ts";

/* The committed ledger is complete. That its rows can be reproduced is tested in test/results/audit.test.ts. */

const records = ledgerRecords(ledgerFolder());

describe.each(completedExperiments().map(({ id }) => id))("the ledger of %s", (id) => {
  test("holds every registered seed with every arm and scorer of the plan", () => {
    for (const planned of plansOf(id, "laptop")) expect(collect(planned, records).missing).toEqual([]);
  });
});
