import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ledgerFolder, plansOf } from "../../src/experiments/programme.ts";
import {
  acceptCode,
  changesOf,
  checkSeals,
  type SealedLedger,
  sealAfterRuns,
  sealAgain,
  sealBeforeRuns,
} from "../../src/experiments/seals.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";
import { lockedDigests } from "../../src/verdicts/registration-lock.ts";
import { readSeal } from "../../src/verdicts/seal.ts";
import { SealedCopy } from "../sealed-ledger.ts";
import { temporaryFolder } from "../temporary.ts";

const ID = "01-main-comparison";
const CODE = "the code is another";

/** The registration with fewer draws, which saves time. */
const registration = (id: string) => {
  const whole = readRegistration(id);
  return { ...whole, interval: { ...whole.interval, draws: 1000 } };
};

/** A ledger of the main comparison without seals. */
function newLedger({ rows }: { rows: boolean }): SealedLedger {
  const folder = temporaryFolder("ledger");
  const plans = plansOf(ID, "laptop");
  const names = rows ? plans.map(({ seed }) => `seed-${seed}.jsonl`) : [];
  for (const name of names) cpSync(path.join(ledgerFolder(), name), path.join(folder, name));
  return { folder, registration, plans: () => plans, code: () => "1" };
}

const logOf = ({ folder }: SealedLedger): Record<string, unknown>[] =>
  readFileSync(path.join(folder, "seals", "log.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const sealFile = ({ folder }: SealedLedger) => path.join(folder, "seals", `${ID}.json`);
const edit = (file: string, from: string, to: string) =>
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));

test("rules, code and definitions are sealed before the runs, rows and verdicts after them", () => {
  const ledger = newLedger({ rows: false });
  sealBeforeRuns([ID], ledger);
  const committed = readSeal(ledgerFolder(), ID);
  const before = readSeal(ledger.folder, ID);
  expect(before).toEqual({ code: "1", rules: expect.anything(), definitions: committed?.definitions });
  expect(Object.keys(before?.rules ?? {})).toEqual(["main", "robust"]);
  expect(Object.keys(lockedDigests(ledger.folder))).toEqual([ID]);
  expect(sealAfterRuns([ID], ledger)).toEqual({ sealed: [], waiting: [ID], complete: [] });
  expect(readSeal(ledger.folder, ID)).toEqual(before);

  for (const { seed } of ledger.plans(ID))
    cpSync(path.join(ledgerFolder(), `seed-${seed}.jsonl`), path.join(ledger.folder, `seed-${seed}.jsonl`));
  expect(sealAfterRuns([ID], ledger)).toEqual({ sealed: [ID], waiting: [], complete: [] });
  const { rows, verdicts } = readSeal(ledger.folder, ID) ?? {};
  expect(rows).toEqual(committed?.rows);
  for (const [id, { status, numbers }] of Object.entries(committed?.verdicts ?? {})) {
    expect(verdicts?.[id]?.status).toBe(status);
    expect(verdicts?.[id]?.numbers.map(([mean]) => mean)).toEqual(numbers.map(([mean]) => mean));
  }
  expect(sealAfterRuns([ID], ledger)).toEqual({ sealed: [], waiting: [], complete: [ID] });
  expect(changesOf(checkSeals([ID], ledger))).toEqual([]);
  expect(logOf(ledger).map(({ done }) => done)).toEqual([
    "sealed rules, code and definitions",
    "sealed rows and verdicts",
  ]);
});

test("rows are not sealed if the code or a rule has changed since it was locked", () => {
  const ledger = newLedger({ rows: true });
  sealBeforeRuns([ID], ledger);
  expect(() => sealAfterRuns([ID], { ...ledger, code: () => "2" })).toThrow(
    `${ID} is not what was sealed before its runs: the code of measures and verdicts is not the one that was sealed. ` +
      "Restore it",
  );
  edit(path.join(ledger.folder, "registrations.json"), `"${ID}": "6`, `"${ID}": "7`);
  expect(() => sealBeforeRuns([ID], ledger)).toThrow(/^The rules of 01-main-comparison were changed/);
});

test("changed code is accepted if every number and verdict is as sealed, and logged with its reason", () => {
  const ledger = newLedger({ rows: true });
  sealBeforeRuns([ID], ledger);
  sealAfterRuns([ID], ledger);
  const sealed = readSeal(ledger.folder, ID);
  expect(acceptCode([ID], "nothing", ledger)).toBe(false);

  const changed = { ...ledger, code: () => "2" };
  expect(changesOf(checkSeals([ID], changed))).toEqual([
    "the code of measures and verdicts is not the one that was sealed",
  ]);
  expect(acceptCode([ID], "Sums are taken in another order.", changed)).toBe(true);
  expect(readSeal(ledger.folder, ID)).toEqual({ ...sealed, code: "2" });
  expect(changesOf(checkSeals([ID], changed))).toEqual([]);
  expect(logOf(ledger).at(-1)).toEqual({
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    done: "accepted code",
    old: ["1"],
    new: "2",
    registrations: 1,
    reason: "Sums are taken in another order.",
  });
});

test("changed code is not accepted if a number differs, and the number is named", () => {
  const ledger = newLedger({ rows: true });
  sealBeforeRuns([ID], ledger);
  sealAfterRuns([ID], ledger);
  edit(sealFile(ledger), "0.0814", "0.0815");
  const text = readFileSync(sealFile(ledger), "utf8");
  expect(() => acceptCode([ID], "It is faster.", { ...ledger, code: () => "2" })).toThrow(
    /^The code is not accepted, .*: 01-main-comparison: the numbers of main are sealed as .*0\.0815.* and are .*0\.0814/,
  );
  expect(readFileSync(sealFile(ledger), "utf8")).toBe(text);
  expect(logOf(ledger)).toHaveLength(2);
});

test("what was run again is sealed again only with a reason, and the log says what changed", () => {
  const copy = new SealedCopy(ID);
  const ledger: SealedLedger = {
    folder: copy.folder,
    registration,
    plans: () => copy.plans,
    code: () => "1",
  };
  rmSync(sealFile(ledger));
  sealBeforeRuns([ID], ledger);
  sealAfterRuns([ID], ledger);
  const [first] = copy.plans[0]?.evaluations ?? [];
  copy.forge(first!.stage, ({ provenance, ...record }) => ({
    ...record,
    provenance: { ...provenance, seconds: 1 },
  }));
  const [robust] = copy.plans[0]?.validations ?? [];
  copy.forge(robust!.stage, ({ provenance, ...record }) => ({
    ...record,
    provenance: { ...provenance, seconds: 1 },
  }));
  const changes = changesOf(checkSeals([ID], ledger));
  expect(changes).toEqual([expect.stringMatching(/^the row of DPO \(best epoch\), seed 21 .* sealed$/)]);
  expect(sealAfterRuns([ID], ledger).complete).toEqual([ID]);
  expect(changesOf(checkSeals([ID], ledger))).toEqual(changes);

  sealAgain([ID], "Run again on another machine.", ledger);
  expect(changesOf(checkSeals([ID], ledger))).toEqual([]);
  expect(logOf(ledger).at(-1)).toMatchObject({
    done: "sealed again",
    registration: ID,
    reason: "Run again on another machine.",
    changes,
  });

  edit(sealFile(ledger), '"draws": 1000', '"draws": 2000');
  expect(() => sealAgain([ID], CODE, ledger)).toThrow(
    `The rules of ${ID} changed: register them under a new name and on new seeds.`,
  );
});

test("a registration without a seal is named", () => {
  const ledger = newLedger({ rows: true });
  expect(() => acceptCode([ID], CODE, ledger)).toThrow(`${ID} has no seal: run npx allroads seals write.`);
});
