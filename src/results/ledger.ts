import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { kindOf } from "../pipeline/kinds.ts";
import { definitionId, type Output, type Stage, withAncestors } from "../pipeline/stage.ts";
import type { Provenance, RunStore } from "../pipeline/store.ts";
import { packed, unpacked } from "./packing.ts";

/*
 * A ledger is a folder with the records of a programme's stages, one line each, in one file per seed. A line names its
 * stage by the hash of its definition, which is the same for every version of the code.
 */

/** A stage's record, and where and when the stage was computed. */
export type Recorded<O extends Output> = O["record"] & { readonly provenance: Provenance };

/** Looks up the record of a stage, in a run store or a ledger; undefined if there is none. */
export type Records = <O extends Output>(stage: Stage<O>) => Recorded<O> | undefined;

interface Line {
  readonly id: string;
  readonly record: Recorded<Output>;
}

/** The records of what a run store holds. */
export function storeRecords(store: RunStore): Records {
  return <O extends Output>(stage: Stage<O>) => {
    const result = store.read(stage);
    return result && { ...kindOf(stage).record(result), provenance: result.provenance };
  };
}

/** The records of a ledger's folder. Throws an error that names the file and line if one cannot be read. */
export function ledgerRecords(folder: string): Records {
  const files = new Map<number, Map<string, Recorded<Output>>>();
  return <O extends Output>(stage: Stage<O>) => {
    const { seed } = stage.setting;
    let records = files.get(seed);
    if (records === undefined) {
      records = new Map(readLines(fileOf(folder, seed)).map(({ id, record }) => [id, record]));
      files.set(seed, records);
    }
    return records.get(definitionId(stage)) as Recorded<O> | undefined;
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
  const bySeed = new Map<number, Map<string, Line>>();
  const put = (stage: Stage, record: Recorded<Output>) => {
    const { seed } = stage.setting;
    const id = definitionId(stage);
    const lines = bySeed.get(seed) ?? new Map<string, Line>();
    bySeed.set(seed, lines.set(id, { id, record }));
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

/** How the records of a run store compare with those of a ledger. */
export interface LedgerComparison {
  /** Ids of stages whose records are equal, apart from provenance. */
  readonly equal: readonly string[];
  readonly different: readonly string[];
  /** Stages that one of the two lacks. */
  readonly missing: readonly string[];
}

/** Compares the records of `stages` and their ancestors exactly, to the digits that a ledger keeps, without provenance. */
export function compareWithLedger(
  folder: string,
  stages: readonly Stage[],
  store: RunStore,
): LedgerComparison {
  const [stored, kept] = [storeRecords(store), ledgerRecords(folder)];
  const comparison = { equal: [] as string[], different: [] as string[], missing: [] as string[] };
  for (const stage of withAncestors(stages)) {
    const [a, b] = [stored(stage), kept(stage)];
    const outcome =
      a === undefined || b === undefined
        ? "missing"
        : isDeepStrictEqual(comparable(a), comparable(b))
          ? "equal"
          : "different";
    comparison[outcome].push(definitionId(stage));
  }
  return comparison;
}

/** A record as a ledger stores it, without provenance. */
function comparable({ provenance: _, ...record }: Recorded<Output>): unknown {
  return JSON.parse(JSON.stringify(packed(record)));
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
