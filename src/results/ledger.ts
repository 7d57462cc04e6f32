import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { kindOf } from "../pipeline/kind-of.ts";
import { definitionId, type Output, type Stage } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import type { Provenance, RunStore } from "../pipeline/store.ts";
import { formatLedgerFile, parseLedgerFile, type Row } from "./ledger-file.ts";

/*
 * A ledger is a folder with the records of a programme's stages, one row each, in one compressed file per seed. A row names its
 * stage by the hash of its definition, which is the same for every machine and every version of the code.
 */

/** A stage's record, and where and when the stage was computed. */
export type Recorded<O extends Output> = O["record"] & { readonly provenance: Provenance };

/** Looks up the record of a stage, in a run store or a ledger; undefined if there is none. */
export type Records = <O extends Output>(stage: Stage<O>) => Recorded<O> | undefined;

/** The records of what a run store holds. */
export function storeRecords(store: RunStore): Records {
  return <O extends Output>(stage: Stage<O>) => {
    const result = store.read(stage);
    return result && { ...kindOf(stage).record(result), provenance: result.provenance };
  };
}

/** What is done with a sentence about a damaged ledger. */
type Report = (problem: string) => void;

/** The records of a ledger's folder. A row that does not match its digest counts as missing and is reported. */
export function ledgerRecords(folder: string, report?: Report): Records {
  const rows = ledgerRows(folder, report);
  return <O extends Output>(stage: Stage<O>) => rows(stage)?.record as Recorded<O> | undefined;
}

/** Looks up the row of a stage in a ledger's folder; undefined if there is no sound one. */
export function ledgerRows(folder: string, report: Report = console.warn): (stage: Stage) => Row | undefined {
  const files = new Map<number, Map<string, Row>>();
  return (stage) => {
    const { seed } = stage.setting;
    let rows = files.get(seed);
    if (rows === undefined) {
      rows = new Map(readRows(fileOf(folder, seed), report).map((row) => [row.id, row]));
      files.set(seed, rows);
    }
    return rows.get(definitionId(stage));
  };
}

/**
 * Writes the records of `stages` and their ancestors from a run store that holds them. Of the ledger's other records only
 * those of `kept` and their ancestors stay. Throws if the store lacks a stage, and leaves the ledger as it was.
 */
export function writeLedger(
  folder: string,
  stages: readonly Stage[],
  store: RunStore,
  kept: readonly Stage[] = [],
): void {
  const bySeed = new Map<number, Map<string, Recorded<Output>>>();
  const put = (stage: Stage, record: Recorded<Output>) => {
    const { seed } = stage.setting;
    const records = bySeed.get(seed) ?? new Map<string, Recorded<Output>>();
    bySeed.set(seed, records.set(definitionId(stage), record));
  };
  const earlier = ledgerRecords(folder);
  for (const stage of withAncestors(kept)) {
    const record = earlier(stage);
    if (record !== undefined) put(stage, record);
  }
  const fresh = storeRecords(store);
  for (const stage of withAncestors(stages)) {
    const record = fresh(stage);
    if (record === undefined) {
      const id = definitionId(stage);
      throw new Error(
        `The run store ${store.folder} lacks the stage ${id}: run the programme to its end first.`,
      );
    }
    put(stage, record);
  }
  mkdirSync(folder, { recursive: true });
  for (const [seed, records] of bySeed) writeFileAtomically(fileOf(folder, seed), formatLedgerFile(records));
  for (const name of readdirSync(folder)) {
    const seed = /^seed-(\d+)\.jsonl\.br$/.exec(name)?.[1];
    if (seed !== undefined && !bySeed.has(Number(seed))) rmSync(path.join(folder, name));
  }
}

function fileOf(folder: string, seed: number): string {
  return path.join(folder, `seed-${seed}.jsonl.br`);
}

function readRows(file: string, report: Report): readonly Row[] {
  if (!existsSync(file)) return [];
  const { rows, problems } = parseLedgerFile(readFileSync(file), file);
  for (const problem of problems)
    report(`${problem} Restore the file, or train its stages again: npm run ledger.`);
  return rows;
}
