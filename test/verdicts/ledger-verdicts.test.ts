import path from "node:path";
import { expect, test } from "vitest";
import { experiments, ledgerFolder, plansOf } from "../../src/experiments/programme.ts";
import { collect } from "../../src/results/collect.ts";
import { ledgerRecords } from "../../src/results/ledger.ts";
import { judge, judgeExact } from "../../src/verdicts/judge.ts";
import { readExactRegistration, readRegistration } from "../../src/verdicts/read-registration.ts";
import { theoryMeasures } from "../theory-measures.ts";

/*
 * The committed verdicts: fixtures/*.json hold the status and the rounded numbers of every hypothesis, one per line. To
 * accept a change that is meant, run this file with `npx vitest run test/verdicts/ledger-verdicts.test.ts -u`.
 */

const fixture = (name: string) => path.join(import.meta.dirname, "fixtures", name);
const rounded = (value: number) => Number(value.toFixed(6));
const lines = (rows: readonly object[]) => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;

/** Random instances per claim: those of the laptop preset. */
const INSTANCES = 200;
/** Milliseconds; bootstrapping every estimate takes a minute or two on a busy machine. */
const TIMEOUT = 600_000;

test(
  "the verdicts from the committed ledger are those that were published",
  async () => {
    const records = ledgerRecords(ledgerFolder());
    const rows = experiments.flatMap((experiment) => {
      const results = plansOf(experiment, "laptop").map((plan) => collect(plan, records));
      return judge(readRegistration(experiment.id), results).map(({ hypothesis, status, estimates }) => ({
        id: experiment.id,
        hypothesis: hypothesis.id,
        status,
        estimates: estimates.map(({ mean, low, high }) => [mean, low, high].map(rounded)),
      }));
    });
    await expect(lines(rows)).toMatchFileSnapshot(fixture("verdicts.json"));
  },
  TIMEOUT,
);

test(
  "the verdicts on the theory's claims are those that were published",
  async () => {
    const registration = readExactRegistration("00-theory");
    const values = theoryMeasures({ seed: registration.seed, instances: INSTANCES });
    const findings = judgeExact(registration, values);
    const rows = findings.map(({ hypothesis, status, extreme, instances, beyond }) => ({
      hypothesis: hypothesis.id,
      status,
      extreme: rounded(extreme),
      instances,
      beyond,
    }));
    await expect(lines(rows)).toMatchFileSnapshot(fixture("claims.json"));
  },
  TIMEOUT,
);
