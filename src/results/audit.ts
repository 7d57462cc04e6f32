import { isDeepStrictEqual } from "node:util";
import { execute } from "../pipeline/execute.ts";
import { kindOf } from "../pipeline/kind-of.ts";
import type { Pool } from "../pipeline/pool.ts";
import { isShared } from "../pipeline/shared-stages.ts";
import { definitionId, type Output, type Stage } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import { openStore, type RunStore } from "../pipeline/store.ts";
import { integer, randomStream } from "../tensors/random.ts";
import { ledgerRecords, type Recorded, storeRecords } from "./ledger.ts";
import { packed, unpacked } from "./packing.ts";
import { recordDistance } from "./record-distance.ts";
import { type Steadiness, steadiness, tolerance } from "./steadiness.ts";

/*
 * An audit trains stages again that were drawn at random, and compares their records with the ledger's rows: what no digest
 * can show, a row that was never computed, it can. On the platform of the row the two must be equal, on others close.
 */

/** How a stage's record compares with its row in the ledger. */
export interface AuditedRow {
  readonly id: string;
  /** `equal` to every digit that a ledger keeps, `close` within the tolerances of another platform, `different`, or `missing`. */
  readonly outcome: "equal" | "close" | "different" | "missing";
  readonly steadiness: Steadiness;
  /** Whether the row says that it was computed on the platform of this process. */
  readonly samePlatform: boolean;
  /** What is further apart than it may be, or else what is closest to its tolerance. */
  readonly reasons: readonly string[];
}

/** Draws stages at random. */
export interface SampleOptions {
  /** Decides which stages are drawn. */
  readonly seed: number;
  /** How many are drawn. */
  readonly count: number;
  /** The most that the drawn stages may cost with all their ancestors, in the units of `StageKind.cost`; default no limit. */
  readonly cost?: number;
}

/**
 * Stages drawn at random from `stages` and their ancestors. Stages that would exceed the cost are passed over, so fewer than
 * `count` may be drawn.
 */
export function sampleStages(
  stages: readonly Stage[],
  { seed, count, cost = Infinity }: SampleOptions,
): Stage[] {
  const left = withAncestors(stages).filter((stage) => !isShared(stage));
  const stream = randomStream(seed, "audit");
  const drawn: Stage[] = [];
  while (left.length > 0 && drawn.length < count) {
    const [next] = left.splice(integer(stream, left.length), 1);
    if (next !== undefined && totalCost([...drawn, next]) <= cost) drawn.push(next);
  }
  return drawn;
}

function totalCost(stages: readonly Stage[]): number {
  return withAncestors(stages).reduce((sum, stage) => sum + kindOf(stage).cost(stage), 0);
}

/**
 * Trains `stages` and their ancestors in the run store at `folder`, except those that it holds, and compares each with its
 * row in `ledger`.
 */
export async function audit(
  stages: readonly Stage[],
  ledger: string,
  folder: string,
  pool: Pool,
  onProgress?: Parameters<typeof execute>[3],
): Promise<AuditedRow[]> {
  const store = openStore(folder);
  await execute(store, stages, pool, onProgress);
  return compareWithLedger(stages, ledger, store);
}

/** Compares the records of `stages` and their ancestors in a run store with their rows in `ledger`. */
export function compareWithLedger(stages: readonly Stage[], ledger: string, store: RunStore): AuditedRow[] {
  const [rows, records] = [ledgerRecords(ledger), storeRecords(store)];
  const judged = withAncestors(stages).filter((stage) => !isShared(stage));
  return judged.map((stage) => auditedRow(stage, rows(stage), records(stage)));
}

/** Compares a stage's row in the ledger with a record that was computed here. */
export function auditedRow(
  stage: Stage,
  row: Recorded<Output> | undefined,
  record: Recorded<Output> | undefined,
): AuditedRow {
  const steady = steadiness(stage);
  const about = { id: definitionId(stage), steadiness: steady, samePlatform: false };
  if (row === undefined || record === undefined)
    return {
      ...about,
      outcome: "missing",
      reasons: [`${row === undefined ? "the ledger" : "the run store"} lacks it`],
    };
  const { platform } = row.provenance;
  const samePlatform = platform !== undefined && platform === record.provenance.platform;
  const kept = comparable(row);
  const own = withoutLaterFields(comparable(record), kept);
  if (isDeepStrictEqual(kept, own)) return { ...about, samePlatform, outcome: "equal", reasons: [] };
  const { distances, unequal } = recordDistance(kept, own);
  const measured = distances.map((one) => {
    const allowed = samePlatform ? 0 : tolerance(one.quantity, steady);
    return { ...one, allowed, isFar: one.distance > allowed };
  });
  const text = ({ name, distance, allowed }: (typeof measured)[number]) =>
    `${name}: ${Number(distance.toPrecision(2))} apart, at most ${Number(allowed.toPrecision(2))}`;
  const far = [
    ...unequal.map((name) => `${name}: not equal`),
    ...measured.filter(({ isFar }) => isFar).map(text),
  ];
  if (far.length > 0) return { ...about, samePlatform, outcome: "different", reasons: far };
  if (samePlatform)
    return { ...about, samePlatform, outcome: "different", reasons: ["single numbers: not equal"] };
  const closest = measured.reduce((most, one) =>
    one.distance / one.allowed > most.distance / most.allowed ? one : most,
  );
  return { ...about, samePlatform, outcome: "close", reasons: [text(closest)] };
}

/** A record with the digits that a ledger keeps, without provenance. */
function comparable({ provenance: _, ...record }: Recorded<Output>): Fields {
  return unpacked(JSON.parse(JSON.stringify(packed(record)))) as Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields that records have got since the first rows were written, by the part of the record that has them. */
const LATER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  evaluation: ["malformedSampled"],
  verification: ["referenceRewards", "labelAccuracy"],
};

/** A record without the later fields that its row lacks, since the row was written before there were any. */
function withoutLaterFields(record: Fields, row: Fields): Fields {
  const parts = Object.entries(record).map(([name, part]) => {
    const kept = row[name];
    if (!isFields(part) || !isFields(kept)) return [name, part];
    const isNew = (field: string) => LATER_FIELDS[name]?.includes(field) && !(field in kept);
    return [name, Object.fromEntries(Object.entries(part).filter(([field]) => !isNew(field)))];
  });
  return Object.fromEntries(parts) as Fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
