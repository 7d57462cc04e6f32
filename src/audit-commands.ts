import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { completedExperiments, ledgerFolder, programmeStages } from "./experiments/programme.ts";
import { runStore, userPath } from "./files/repository.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { progressOn } from "./pipeline/progress.ts";
import type { Stage } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { type AuditedRow, audit, compareWithLedger, sampleStages } from "./results/audit.ts";

/* The commands `allroads runs audit` and `allroads runs compare`. Each returns an exit status. */

/** What `allroads runs audit` takes: how many stages are drawn, by which seed, and where they are trained. */
export interface AuditArguments {
  /** Default 3. */
  readonly stages?: string;
  /** Default from the clock. */
  readonly seed?: number;
  /** A run store; by default a temporary one, which is removed. */
  readonly store?: string;
}

/**
 * Trains stages of the ledger again that are drawn at random, with their ancestors, and compares them with their rows.
 * Prints how, and returns 1 if a row differs, else 0.
 */
export async function auditRuns(
  { stages = "3", seed = Date.now() % 1_000_000, store }: AuditArguments,
  print: (text: string) => void,
): Promise<number> {
  const count = Number(stages);
  const all = programmeStages(
    completedExperiments().map(({ id }) => id),
    "laptop",
  );
  const drawn = sampleStages(all, { seed, count });
  print(`Drew ${drawn.length} stages; allroads runs audit --stages ${count} --seed ${seed} draws the same.`);
  const folder = store === undefined ? mkdtempSync(path.join(tmpdir(), "allroads-audit-")) : userPath(store);
  const [pool, display] = [defaultPool(), progressOn(process.stdout)];
  try {
    const rows = await audit(drawn, ledgerFolder(), folder, pool, display.update).finally(display.end);
    return printComparison(rows, rows, print);
  } finally {
    pool.close();
    if (store === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Compares the records of stages and their ancestors in the run store with the ledger, exactly where the platform is the
 * row's and else within tolerances. Prints those that are not equal, and returns 1 if one differs or is missing, else 0.
 */
export function compareRuns(stages: readonly Stage[], print: (text: string) => void): number {
  const rows = compareWithLedger(stages, ledgerFolder(), openStore(runStore()));
  const unequal = rows.filter(({ outcome }) => outcome !== "equal");
  return printComparison(rows, unequal, print);
}

/** Prints `shown`, a line each, and how many of `rows` have which outcome. Returns the exit status. */
function printComparison(
  rows: readonly AuditedRow[],
  shown: readonly AuditedRow[],
  print: (text: string) => void,
): number {
  for (const { outcome, id, reasons } of shown)
    print([outcome.padEnd(9), id, reasons.join("; ")].join("  ").trim());
  const outcomes = (wanted: string) => rows.filter(({ outcome }) => outcome === wanted).length;
  const wrong = outcomes("different") + outcomes("missing");
  print(
    `Of ${rows.length} rows, those of ancestors included, ${outcomes("equal")} are equal, ${outcomes("close")} are as close as ` +
      `rows of another platform are, ${wrong} are neither.`,
  );
  return wrong > 0 ? 1 : 0;
}
