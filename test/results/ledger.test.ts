import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { inlinePool } from "../../src/pipeline/pool.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { compareWithLedger } from "../../src/results/audit.ts";
import { collect } from "../../src/results/collect.ts";
import { ledgerRecords, storeRecords, writeLedger } from "../../src/results/ledger.ts";
import { formatLedgerFile, parseLedgerFile } from "../../src/results/ledger-file.ts";
import { packed, unpacked } from "../../src/results/packing.ts";
import { seedPlan, wantedStages } from "../../src/results/plan.ts";
import { mainPlan, runMain } from "../main-comparison.ts";
import { temporaryFolder } from "../temporary.ts";

describe("packed data", () => {
  test("unpacks to the same values, to four decimals", () => {
    const gold = fc.array(
      fc.integer({ min: -10, max: 10 }).map((half) => half / 2),
      { maxLength: 60 },
    );
    const any = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(gold, any, fc.string(), (few, many, text) => {
        const value = { few, deep: [{ many, text }], none: [] };
        const back = unpacked(JSON.parse(JSON.stringify(packed(value)))) as typeof value;
        expect(back.few).toEqual(few.map((number) => number + 0));
        expect(back.deep[0]!.text).toBe(text);
        for (const [index, number] of many.entries())
          expect(Math.abs(back.deep[0]!.many[index]! - number)).toBeLessThanOrEqual(0.5001e-4);
      }),
    );
  });

  test("stores rows of numbers by column", () => {
    const rows = [
      { step: 1, loss: 0.5 },
      { step: 2, loss: 0.25 },
    ];
    expect(packed(rows)).toEqual({ columns: { step: [1, 2], loss: [0.5, 0.25] } });
    expect(unpacked(packed(rows))).toEqual(rows);
    const uneven = [{ step: 1 }, { loss: 2 }];
    expect(unpacked(packed(uneven))).toEqual(uneven);
  });

  test("takes one character per number if few distinct ones occur", () => {
    const rewards = Array.from({ length: 500 }, (_, index) => (index % 9) / 2);
    expect(JSON.stringify(packed(rewards)).length).toBeLessThan(600);
  });
});

describe("the ledger", () => {
  const smoke = keyEnvConfig("smoke");
  const config = {
    ...smoke,
    sizes: { demonstrations: 64, pairs: 32, validation: 6, evaluation: 24 },
    model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
    verification: { prompts: 4, completions: 5 },
  };

  test("gives the same results as the run store, and names what it lacks", async () => {
    const store = openStore(temporaryFolder("runs"));
    const folder = temporaryFolder("ledger");
    const [live] = await runMain(config, [3], store.folder, inlinePool());
    const planned = seedPlan(3, mainPlan(config, 3));
    writeFileSync(path.join(folder, "seed-99.jsonl.br"), "{}\n");
    writeLedger(folder, wantedStages(planned), store);
    expect(readdirSync(folder)).toEqual(["seed-3.jsonl.br"]);

    const compared = compareWithLedger(wantedStages(planned), folder, store);
    expect(new Set(compared.map(({ outcome }) => outcome))).toEqual(new Set(["equal"]));
    expect(compared.length).toBeGreaterThan(10);

    const kept = collect(planned, ledgerRecords(folder));
    expect(kept.arms.map(({ arm, outcomes }) => [arm, outcomes])).toEqual(
      live!.arms.map(({ arm, outcomes }) => [arm, outcomes]),
    );
    expect(kept.choices.map(({ chosen }) => chosen)).toEqual(live!.choices.map(({ chosen }) => chosen));
    expect(kept.provenance).toEqual(live!.provenance);
    for (const [index, { bestOf }] of kept.scorers.entries())
      expect(bestOf).toEqual(live!.scorers[index]!.bestOf);
    for (const [index, { frontier, kl }] of kept.arms.entries()) {
      expect(frontier!.length).toBeGreaterThan(2);
      expect(kl).toBeCloseTo(live!.arms[index]!.kl!, 3);
    }

    const before = readFileSync(path.join(folder, "seed-3.jsonl.br"));
    const other = seedPlan(3, mainPlan({ ...config, samplingTemperature: 0.9 }, 3));
    const missing = collect(other, ledgerRecords(folder)).missing.map(({ id }) => id);
    expect(missing).toContain("online-sft");
    expect(missing).not.toContain("sft");
    expect(() => writeLedger(folder, wantedStages(other), store)).toThrow(
      /run the programme to its end first\.$/,
    );
    expect(readFileSync(path.join(folder, "seed-3.jsonl.br"))).toEqual(before);
    for (const { policy } of other.plan.arms.slice(1)) expect(storeRecords(store)(policy)).toBeUndefined();
  });

  test("tells changed and missing records apart from equal ones", async () => {
    const store = openStore(temporaryFolder("runs"));
    const folder = temporaryFolder("ledger");
    await runMain(config, [3], store.folder, inlinePool());
    const stages = wantedStages(seedPlan(3, mainPlan(config, 3)));
    writeLedger(folder, stages, store);
    const file = path.join(folder, "seed-3.jsonl.br");
    const { rows } = parseLedgerFile(readFileSync(file), file);
    const records = new Map(rows.map(({ id, record }) => [id, record]));
    const [first, second] = rows;
    records.delete(second!.id);
    records.set(
      first!.id,
      JSON.parse(JSON.stringify(first!.record).replace(/"entropy":[0-9.]+/, '"entropy":9')),
    );
    writeFileSync(file, formatLedgerFile(records));
    const compared = compareWithLedger(stages, folder, store).filter(({ outcome }) => outcome !== "equal");
    expect(new Map(compared.map(({ id, outcome }) => [id, outcome]))).toEqual(
      new Map([
        [first!.id, "different"],
        [second!.id, "missing"],
      ]),
    );
  });

  test("does not use a damaged row, and names it", async () => {
    const store = openStore(temporaryFolder("runs"));
    const folder = temporaryFolder("ledger");
    await runMain(config, [3], store.folder, inlinePool());
    const planned = seedPlan(3, mainPlan(config, 3));
    writeLedger(folder, wantedStages(planned), store);
    const file = path.join(folder, "seed-3.jsonl.br");
    const text = brotliDecompressSync(readFileSync(file)).toString();
    writeFileSync(file, brotliCompressSync(text.replace(/"entropy":[0-9.]+/, '"entropy":9')));
    const problems: string[] = [];
    const { missing } = collect(
      planned,
      ledgerRecords(folder, (problem) => problems.push(problem)),
    );
    expect(missing.length).toBeGreaterThan(0);
    expect(problems).toEqual([
      expect.stringMatching(/seed-3\.jsonl\.br, line \d+, does not match its digest: .* npm run ledger\.$/),
    ]);
  });
});
