import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LiveCheck, liveCheck } from "./experiments/live-check.ts";
import { experiments, programmeStages } from "./experiments/programme.ts";
import { ledgerFolder } from "./experiments/results-source.ts";
import { runStore, userPath } from "./files/repository.ts";
import { platform } from "./pipeline/platform.ts";
import { defaultPool } from "./pipeline/pool.ts";
import { progressOn } from "./pipeline/progress.ts";
import { definitionId, type Stage } from "./pipeline/stage.ts";
import { openStore } from "./pipeline/store.ts";
import { type AuditedRow, audit, compareWithLedger, sampleStages } from "./results/audit.ts";
import { ledgerRecords } from "./results/ledger.ts";

/* The commands `allroads runs audit`, `runs repeat` and `runs compare`. Each returns an exit status. */

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
    experiments.map(({ id }) => id),
    "laptop",
  );
  const drawn = sampleStages(all, { seed, count });
  print(`Drew ${drawn.length} stages; allroads runs audit --stages ${count} --seed ${seed} draws the same.`);
  const rows = await trainedAgain(drawn, store);
  return printComparison(rows, rows, print);
}

/**
 * Trains the stages of `liveCheck` again in a temporary run store and compares them with the ledger. Prints each with its
 * outcome and a conclusion, and returns 1 if one differs, else 0.
 */
export async function repeatRuns(print: (text: string) => void): Promise<number> {
  const records = ledgerRecords(ledgerFolder());
  const chosen = liveCheck(records, platform());
  if (chosen === undefined)
    throw new Error(
      `The ledger ${ledgerFolder()} has no seed whose runs could be repeated: restore its files.`,
    );
  const { experiment, seed, stages } = chosen;
  print(`Training ${arms(chosen)} of ${experiment}, seed ${seed}, again, to compare with the ledger.`);
  const rows = await trainedAgain(stages.map(({ stage }) => stage));
  for (const { name, stage } of stages) {
    const row = rows.find(({ id }) => id === definitionId(stage));
    print([(row?.outcome ?? "missing").padEnd(9), name, ...(row?.reasons ?? [])].join("  "));
  }
  const theirs = new Set(
    stages.map(({ stage }) => records(stage)?.provenance.platform ?? "a machine that it does not name"),
  );
  print(conclusion(rows, [...theirs].join("; ")));
  return rows.some(isWrong) ? 1 : 0;
}

/** The trained stages of a check in words, each once. */
function arms({ stages }: LiveCheck): string {
  const trained = stages.filter(({ stage }) => ["sft", "reward", "preference"].includes(stage.kind));
  return trained.map(({ name }) => name.replace(/, training$/, "")).join(", ");
}

const isWrong = ({ outcome }: AuditedRow) => outcome === "different" || outcome === "missing";

/** What a comparison shows, as a sentence. */
function conclusion(rows: readonly AuditedRow[], theirs: string): string {
  const wrong = rows.filter(isWrong).length;
  if (wrong > 0)
    return `DIFFERENT: ${wrong} of ${rows.length} stages did not come out as the ledger says. The ledger's were computed on ${theirs}, these on ${platform()}.`;
  if (rows.every(({ outcome }) => outcome === "equal"))
    return `All ${rows.length} stages came out exactly as the ledger says, to every digit that it keeps, on ${platform()}.`;
  return (
    `All ${rows.length} stages came out as the ledger says, within the tolerance for another platform: the ledger's were ` +
    `computed on ${theirs}, these on ${platform()}.`
  );
}

/** Trains stages in a run store, by default a temporary one, and compares them and their ancestors with the ledger. */
async function trainedAgain(stages: readonly Stage[], store?: string): Promise<AuditedRow[]> {
  const folder = store === undefined ? mkdtempSync(path.join(tmpdir(), "allroads-audit-")) : userPath(store);
  const [pool, display] = [defaultPool(), progressOn(process.stdout)];
  try {
    return await audit(stages, ledgerFolder(), folder, pool, display.update).finally(display.end);
  } finally {
    await pool.close();
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
  const wrong = rows.filter(isWrong).length;
  print(
    `Of ${rows.length} rows, those of ancestors included, ${outcomes("equal")} are equal, ${outcomes("close")} are as close as ` +
      `rows of another platform are, ${wrong} are neither.`,
  );
  return wrong > 0 ? 1 : 0;
}
