import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { ledgerResults, plansOf } from "../src/experiments/programme.ts";
import { ledgerFolder } from "../src/experiments/results-source.ts";
import { readData } from "../src/files/data-files.ts";
import { definitionId, type Stage } from "../src/pipeline/stage.ts";
import { ledgerRecords, type Recorded } from "../src/results/ledger.ts";
import { formatLedgerFile, parseLedgerFile } from "../src/results/ledger-file.ts";
import type { SeedPlan } from "../src/results/plan.ts";
import { ownCodeDigest } from "../src/verdicts/code-digest.ts";
import type { Finding } from "../src/verdicts/finding.ts";
import { judge } from "../src/verdicts/judge.ts";
import { parseRegistration } from "../src/verdicts/read-registration.ts";
import { sealOfRules, sealOfRuns, writeSeal } from "../src/verdicts/seal.ts";
import { judgeSealed, type SealOptions } from "../src/verdicts/seal-check.ts";
import { temporaryFolder } from "./temporary.ts";

/*
 * Copies of a registration and of its part of the committed ledger, to tamper with. They are sealed anew with fewer
 * bootstrap draws, which saves time.
 */

const FEWER = ["draws: 10000", "draws: 1000"] as const;
const seals = new Map<string, string>();

export type EvaluationRow = Recorded<{ result: object; record: { evaluation: { greedyRewards: number[] } } }>;

const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** A copy of what the committed ledger has of one registration. */
export class SealedCopy {
  readonly folder = temporaryFolder("ledger");
  readonly plans: readonly SeedPlan[];
  /** The YAML of the registration. */
  yaml: string;

  constructor(readonly id: string) {
    this.plans = plansOf(id, "laptop");
    this.yaml = replaced(readData(`data/predictions/${id}.yaml`), ...FEWER);
    const names = this.plans.map(({ seed }) => `seed-${seed}.jsonl.br`);
    for (const name of ["registrations.json", ...names])
      cpSync(path.join(ledgerFolder(), name), path.join(this.folder, name));
    const seal = seals.get(id) ?? this.seal();
    seals.set(id, seal);
    mkdirSync(this.file("seals"), { recursive: true });
    writeFileSync(this.file("seals", `${id}.json`), seal);
  }

  /** Seals this copy as it is, and returns the text of the seal. */
  private seal(): string {
    const registration = parseRegistration(this.yaml);
    const results = ledgerResults(this.plans, this.folder);
    const rules = sealOfRules(registration, results, ownCodeDigest());
    writeSeal(this.folder, this.id, sealOfRuns(rules, results, judge(registration, results)));
    return readFileSync(this.file("seals", `${this.id}.json`), "utf8");
  }

  file(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  /** Replaces text in a file of the ledger, at its first occurrence. Throws if there is none. */
  replace(name: string, from: string, to: string): void {
    const bytes = readFileSync(this.file(name));
    const compressed = name.endsWith(".br");
    const text = replaced((compressed ? brotliDecompressSync(bytes) : bytes).toString(), from, to);
    writeFileSync(this.file(name), compressed ? brotliCompressSync(text, FAST) : text);
  }

  /** Replaces text in the registration, at its first occurrence. Throws if there is none. */
  register(from: string, to: string): void {
    this.yaml = replaced(this.yaml, from, to);
  }

  /** Puts a record in the place of the one that the ledger has of a stage, or adds it, with all digests as they must be. */
  forge(stage: Stage, change: (record: EvaluationRow) => object, from = stage): void {
    const file = this.file(`seed-${stage.setting.seed}.jsonl.br`);
    const record = ledgerRecords(this.folder)(from) as EvaluationRow;
    const { rows } = parseLedgerFile(readFileSync(file), file);
    const records = new Map(rows.map((row) => [row.id, row.record]));
    writeFileSync(file, formatLedgerFile(records.set(definitionId(stage), change(record))));
  }

  /** The findings from this copy, or on other plans. */
  findings(options: Partial<SealOptions> = {}, plans = this.plans): Finding[] {
    const registration = parseRegistration(this.yaml);
    const results = ledgerResults(plans, this.folder);
    return judgeSealed(registration, results, { ledger: this.folder, preset: "laptop", ...options });
  }
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`There is no "${from}" to replace.`);
  return text.replace(from, to);
}

/** What the seals of findings say: "intact", or the changes, by hypothesis. */
export function sealTexts(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(
    findings.map(({ hypothesis, seal }) => [
      hypothesis.id,
      seal !== undefined && "changes" in seal
        ? `${seal.kind}: ${seal.changes.join("; ")}`
        : String(seal?.kind),
    ]),
  );
}
