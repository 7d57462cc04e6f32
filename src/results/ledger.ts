import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { definitionId, type Stage, withAncestors } from "../pipeline/stage.ts";
import { readResult } from "../pipeline/store.ts";
import { writeFileAtomically } from "../tensors/atomic-write.ts";
import { packed, unpacked } from "./packing.ts";
import { recordOf, type StageRecord } from "./record.ts";

/*
 * A ledger is a folder with one line for each stage of a programme that was run, in one file per seed. A line names
 * the stage by the hash of its definition, so that the record is found again whatever code reads it.
 */

interface Line {
  readonly id: string;
  readonly record: StageRecord;
}

/** Where records come from: the run store, or a ledger. Undefined where there is none of the stage. */
export type Records = (stage: Stage) => StageRecord | undefined;

/** The records of what a run store holds. */
export function storeRecords(store: string): Records {
  return (stage) => {
    const result = readResult(store, stage);
    return result && recordOf(result);
  };
}

/** The records of a ledger's folder. Throws one sentence naming the file and line that cannot be read. */
export function ledgerRecords(folder: string): Records {
  const files = new Map<number, Map<string, StageRecord>>();
  return (stage) => {
    const { seed } = stage.setting;
    let records = files.get(seed);
    if (records === undefined) {
      records = new Map(readLines(fileOf(folder, seed)).map(({ id, record }) => [id, record]));
      files.set(seed, records);
    }
    return records.get(definitionId(stage));
  };
}

/**
 * Writes the records of `stages` and all that they stand on, from a run store that holds them. Of what the ledger held
 * only the records of `others` and what they stand on are kept. Throws one sentence where the store lacks a stage; then
 * the ledger stays as it was.
 */
export function writeLedger(
  folder: string,
  stages: readonly Stage[],
  store: string,
  others: readonly Stage[] = [],
): void {
  const bySeed = new Map<number, Map<string, Line>>();
  const kept = ledgerRecords(folder);
  for (const stage of withAncestors(others)) {
    const record = kept(stage);
    if (record !== undefined) put(stage, record);
  }
  for (const stage of withAncestors(stages)) {
    const record = storeRecords(store)(stage);
    if (record === undefined) {
      const id = definitionId(stage);
      throw new Error(`The run store ${store} lacks the stage ${id}: run the programme to its end first.`);
    }
    put(stage, record);
  }
  function put(stage: Stage, record: StageRecord) {
    const { seed } = stage.setting;
    const id = definitionId(stage);
    const lines = bySeed.get(seed) ?? new Map<string, Line>();
    bySeed.set(seed, lines.set(id, { id, record }));
  }
  mkdirSync(folder, { recursive: true });
  for (const [seed, lines] of bySeed) {
    const sorted = [...lines.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const text = sorted.map((line) => `${JSON.stringify(packed(line))}\n`).join("");
    writeFileAtomically(fileOf(folder, seed), Buffer.from(text));
  }
  for (const name of readdirSync(folder)) {
    const seed = /^seed-(\d+)\.jsonl$/.exec(name)?.[1];
    if (seed !== undefined && !bySeed.has(Number(seed))) rmSync(path.join(folder, name));
  }
}

function fileOf(folder: string, seed: number): string {
  return path.join(folder, `seed-${seed}.jsonl`);
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return unpacked(JSON.parse(line)) as Line;
    } catch (error) {
      throw new Error(
        `${file}, line ${index + 1}, is not JSON (${(error as Error).message}): restore the file.`,
      );
    }
  });
}
