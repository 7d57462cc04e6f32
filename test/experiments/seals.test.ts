import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { plansOf } from "../../src/experiments/programme.ts";
import { ledgerFolder } from "../../src/experiments/results-source.ts";
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
import { primariesOf } from "../../src/verdicts/registration.ts";
import { lockedDigests } from "../../src/verdicts/registration-lock.ts";
import { readSeal } from "../../src/verdicts/seal.ts";
import { SealedCopy, sealTexts } from "../sealed-ledger.ts";
import { temporaryFolder } from "../temporary.ts";
import { hypothesisYaml, testRegistration } from "../verdicts/test-registration.ts";

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
  const names = rows ? plans.map(({ seed }) => `seed-${seed}.jsonl.br`) : [];
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
    cpSync(
      path.join(ledgerFolder(), `seed-${seed}.jsonl.br`),
      path.join(ledger.folder, `seed-${seed}.jsonl.br`),
    );
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

describe("registrations with primary hypotheses", () => {
  const [ONE, TWO, OTHER] = [ID, "04-h2-regularisation", "03-h1-on-policy-feedback"] as const;
  const SEEDS: Readonly<Record<string, string>> = { [ONE]: "[21, 22, 23, 24, 25]" };
  const estimate = "{ metric: greedy-win-rate, treatment: online-sft, control: dpo }";
  /** A registration of two tests, the first of them primary but in OTHER. */
  const tested = (id: string) =>
    testRegistration(
      [
        hypothesisYaml("main", { primary: String(id !== OTHER), estimate }),
        hypothesisYaml("second", { estimate: estimate.replace("online-sft", "dpo-2x") }),
      ],
      { id, laptop: SEEDS[id] ?? "[41, 42, 43, 44, 45]" },
    );
  const copyRows = ({ folder, plans }: SealedLedger, id: string) => {
    for (const { seed } of plans(id))
      cpSync(path.join(ledgerFolder(), `seed-${seed}.jsonl.br`), path.join(folder, `seed-${seed}.jsonl.br`));
  };
  /** A ledger with the rules of all three sealed, and with the rows of some. */
  function jointLedger(...withRows: readonly string[]): SealedLedger {
    const ledger: SealedLedger = {
      folder: temporaryFolder("ledger"),
      registration: tested,
      plans: (id) => plansOf(id, "laptop"),
      code: () => "1",
      primaries: () => [ONE, TWO].flatMap((id) => primariesOf(tested(id))),
    };
    sealBeforeRuns([ONE, TWO, OTHER], ledger);
    for (const id of withRows) copyRows(ledger, id);
    return ledger;
  }
  const verdictsOf = (id: string, { folder }: SealedLedger) => readSeal(folder, id)?.verdicts ?? {};
  const fileOf = ({ folder }: SealedLedger, id: string) => path.join(folder, "seals", `${id}.json`);

  test("have their family sealed with their rules", () => {
    const { rules } = readSeal(jointLedger().folder, TWO) ?? {};
    expect(rules?.main).toMatchObject({ family: [`${ONE} main`, `${TWO} main`], ifSupported: "for" });
    expect(rules?.second).not.toHaveProperty("family");
  });

  test("wait until the ledger has the rows of all of them, and are then sealed together", () => {
    const ledger = jointLedger(ONE);
    expect(sealAfterRuns([ONE, OTHER], ledger)).toEqual({
      sealed: [],
      waiting: [ONE, OTHER],
      complete: [],
      awaited: [TWO],
    });
    expect(verdictsOf(ONE, ledger)).toEqual({});
    copyRows(ledger, TWO);
    expect(sealAfterRuns([TWO], ledger)).toEqual({ sealed: [ONE, TWO], waiting: [], complete: [] });
    expect(sealTexts(checkSeals([ONE, TWO], ledger))).toEqual({ main: "intact", second: "intact" });
    const findings = checkSeals([ONE, TWO], ledger).filter(({ hypothesis }) => hypothesis.primary);
    // Both are decided: the smaller p-value at half of 5 %, the other at all of it.
    expect(findings.map(({ status }) => status)).toEqual(["supported", "supported"]);
    expect(findings.map(({ level }) => Number(level.toFixed(3))).sort()).toEqual([0.95, 0.975]);
    for (const { registration: own, p } of findings) expect(verdictsOf(own.id, ledger).main?.p).toBe(p);
  });

  test("do not hold up one without primary hypotheses", () => {
    const ledger = jointLedger(OTHER);
    expect(sealAfterRuns([OTHER], ledger)).toEqual({ sealed: [OTHER], waiting: [], complete: [] });
  });

  test("count as undecided in the verdicts of others until they are sealed", () => {
    const [main] = checkSeals([ONE], jointLedger(ONE, TWO));
    expect(main).toMatchObject({ test: { family: 2, pending: [{ registration: TWO, hypothesis: "main" }] } });
    expect(main?.level).toBeCloseTo(0.975);
  });

  test("are broken by another family, and by a p-value in the seal of another that changes their level", () => {
    const ledger = jointLedger(ONE, TWO);
    sealAfterRuns([ONE], ledger);
    const more = { registration: "99-more", hypothesis: "main" };
    const larger = { ...ledger, primaries: () => [...(ledger.primaries?.() ?? []), more] };
    expect(changesOf(checkSeals([ONE], larger))).toEqual([
      `the rule of main: family ["${ONE} main","${TWO} main","99-more main"] is not the registered ["${ONE} main","${TWO} main"]`,
    ]);
    const [smaller, other] = [ONE, TWO].sort(
      (a, b) => (verdictsOf(a, ledger).main?.p ?? 1) - (verdictsOf(b, ledger).main?.p ?? 1),
    );
    const p = verdictsOf(smaller!, ledger).main?.p;
    edit(fileOf(ledger, smaller!), `"p": ${p}`, '"p": 0.9');
    expect(changesOf(checkSeals([smaller!], ledger))).toEqual([
      `the p-value of main is sealed as 0.9 and is ${p}`,
    ]);
    expect(changesOf(checkSeals([other!], ledger))).toEqual([
      expect.stringMatching(/^the numbers of main are sealed as /),
    ]);
  });

  test("are sealed again together if one of them was run again", () => {
    const ledger = jointLedger(ONE, TWO);
    sealAfterRuns([ONE], ledger);
    const before = [ONE, TWO].map((id) => verdictsOf(id, ledger));
    const levels = () =>
      checkSeals([ONE, TWO], ledger).flatMap(({ hypothesis, level }) =>
        hypothesis.primary ? [Number(level.toFixed(3))] : [],
      );
    const expected = levels();
    for (const id of [ONE, TWO])
      edit(fileOf(ledger, id), `"p": ${verdictsOf(id, ledger).main?.p}`, '"p": 0.9');
    expect(() => sealAgain([TWO], "Run again.", ledger)).toThrow(
      `${TWO} cannot be sealed again, as a registration of the same family is not as it was sealed: `,
    );
    sealAgain([ONE, TWO], "Run again.", ledger);
    expect([ONE, TWO].map((id) => verdictsOf(id, ledger))).toEqual(before);
    expect(levels()).toEqual(expected);
    expect(changesOf(checkSeals([ONE, TWO], ledger))).toEqual([]);
  });

  test("of which one was run again have the verdicts of the others sealed with it", () => {
    const ledger = jointLedger(ONE, TWO);
    sealAfterRuns([ONE], ledger);
    const copy = {
      ...ledger,
      forge: SealedCopy.prototype.forge,
      file: (name: string) => path.join(ledger.folder, name),
    };
    // On every seed of ONE, offline DPO becomes as good as online DPO.
    for (const { evaluations } of ledger.plans(ONE)) {
      const [treatment, control] = ["online-sft", "dpo"].map((id) =>
        evaluations.find(({ label }) => label.id === id),
      );
      copy.forge.call(copy as never, control!.stage, (record) => record, treatment!.stage);
    }
    sealAgain([ONE], "Run again.", ledger);
    const findings = checkSeals([ONE, TWO], ledger).filter(({ hypothesis }) => hypothesis.primary);
    expect(findings.map(({ status, level }) => [status, Number(level.toFixed(3))])).toEqual([
      ["not shown", 0.95],
      ["supported", 0.975],
    ]);
    expect(changesOf(findings)).toEqual([]);
    expect(logOf(ledger).slice(-2)).toMatchObject([
      { done: "sealed again", registration: ONE },
      { done: "sealed again", registration: TWO, changes: [expect.stringContaining("the numbers of main")] },
    ]);
  });
});
