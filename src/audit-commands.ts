import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LiveCheck, liveCheck } from "./experiments/live-check.ts";
import { completedExperiments, programmeStages } from "./experiments/programme.ts";
import { ledgerFolder } from "./experiments/results-source.ts";
import { runStore, userPath } from "./files/repository.ts";
import { platform } from "./pipeline/platform.ts";
import { defaultPool, type Pool } from "./pipeline/pool.ts";
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
  const all = programmeStages(completedExperiments(), "laptop");
  const drawn = sampleStages(all, { seed, count });
  print(`Drew ${drawn.length} stages; allroads runs audit --stages ${count} --seed ${seed} draws the same.`);
  const pool = defaultPool();
  const rows = await inStore(store, pool, (folder, progress) =>
    audit(drawn, ledgerFolder(), folder, pool, progress),
  );
  return printComparison(rows, rows, print);
}

/** What `repeatRuns` uses, to be replaced by tests. */
export interface RepeatOptions {
  readonly ledger?: string;
  readonly check?: LiveCheck;
  readonly pool?: Pool;
}

/**
 * Trains the stages of `liveCheck` again in a temporary run store and compares them with the ledger. Prints each with its
 * outcome and a conclusion, and returns 1 if one differs, else 0.
 */
export async function repeatRuns(
  print: (text: string) => void,
  { ledger = ledgerFolder(), pool = defaultPool(), ...given }: RepeatOptions = {},
): Promise<number> {
  const records = ledgerRecords(ledger);
  const check = given.check ?? liveCheck(records, platform());
  if (check === undefined)
    throw new Error(`The ledger ${ledger} has no seed whose runs could be repeated: restore its files.`);
  const { experiment, seed, stages } = check;
  print(`Training ${trainedNames(check)} of ${experiment}, seed ${seed}, again, to compare with the ledger.`);
  const wanted = stages.map(({ stage }) => stage);
  const rows = await inStore(undefined, pool, (folder, progress) =>
    audit(wanted, ledger, folder, pool, progress),
  );
  for (const { name, stage } of stages) {
    const row = rows.find(({ id }) => id === definitionId(stage));
    print([(row?.outcome ?? "missing").padEnd(9), name, ...(row?.reasons ?? [])].join("  "));
  }
  const theirs = wanted.map(
    (stage) => records(stage)?.provenance.platform ?? "a machine that it does not name",
  );
  print(conclusion(rows, [...new Set(theirs)].join("; ")));
  return rows.some(isWrong) ? 1 : 0;
}

/** The trained stages of a check in words, each once. */
function trainedNames({ stages }: LiveCheck): string {
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

/** Trains in a run store, by default a temporary one, which is removed, and shows progress. Closes the pool. */
async function inStore<T>(
  store: string | undefined,
  pool: Pool,
  train: (folder: string, progress: Progress) => Promise<T>,
): Promise<T> {
  const folder = store === undefined ? mkdtempSync(path.join(tmpdir(), "allroads-audit-")) : userPath(store);
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  if (store === undefined) process.once("exit", remove); // A signal ends the process within `train`.
  const display = progressOn(process.stdout);
  try {
    return await train(folder, display.update).finally(display.end);
  } finally {
    await pool.close();
    process.off("exit", remove);
    if (store === undefined) remove();
  }
}

type Progress = Parameters<typeof audit>[4];

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
