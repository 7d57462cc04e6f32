import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { completedExperiments, registered } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
import { checkSeals } from "../../src/experiments/seals.ts";
import { sealSentences } from "../../src/report/seal-text.ts";
import { judgeExact } from "../../src/verdicts/judge.ts";
import { readExactRegistration } from "../../src/verdicts/read-registration.ts";
import { lockedDigests } from "../../src/verdicts/registration-lock.ts";
import { sealsFolder } from "../../src/verdicts/seal.ts";
import { theoryMeasures } from "../theory-measures.ts";

/*
 * The committed verdicts: fixtures/*.json hold the status and the rounded numbers of every hypothesis, one per line. To
 * accept a change that is meant, run this file with `npx vitest run test/verdicts/ledger-verdicts.test.ts -u`.
 */

const fixture = (name: string) => path.join(import.meta.dirname, "fixtures", name);
const rounded = (value: number) => Number(value.toFixed(6));
const lines = (rows: readonly object[]) => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;

const completedIds = completedExperiments()
  .map(({ id }) => id)
  .sort();

/** Random instances per claim: those of the laptop preset. */
const INSTANCES = 200;
/** Milliseconds; bootstrapping every estimate takes a minute or two on a busy machine. */
const TIMEOUT = 600_000;

test(
  "the verdicts from the committed ledger are those that were published, and all as they were sealed",
  async () => {
    const findings = checkSeals(completedIds);
    const rows = findings.map(({ registration, hypothesis, status, estimates }) => ({
      id: registration.id,
      hypothesis: hypothesis.id,
      status,
      estimates: estimates.map(({ mean, low, high }) => [mean, low, high].map(rounded)),
    }));
    await expect(lines(rows)).toMatchFileSnapshot(fixture("verdicts.json"));
    const changed = findings.flatMap((finding) => sealSentences(finding));
    expect(changed, "if only code changed: npx allroads seals accept --reason TEXT").toEqual([]);
    for (const { seal } of findings) expect(seal).toEqual({ kind: "intact", compared: "everything" });
  },
  TIMEOUT,
);

test("every registration of the committed ledger has a seal and an experiment", () => {
  const ids = Object.keys(lockedDigests(ledgerFolder())).sort();
  expect(ids).toEqual(expect.arrayContaining(completedIds));
  expect(registered.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  const seals = readdirSync(sealsFolder(ledgerFolder())).filter((name) => name.endsWith(".json"));
  expect(seals.map((name) => path.parse(name).name).sort()).toEqual(ids);
});

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
