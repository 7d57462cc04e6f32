import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { type SeedResult, sourcesOf } from "../results/collect.ts";
import { ledgerRows } from "../results/ledger.ts";
import { type SeedPlan, wantedStages } from "../results/plan.ts";
import { ownCodeDigest } from "../verdicts/code-digest.ts";
import type { Finding } from "../verdicts/finding.ts";
import { judge } from "../verdicts/judge.ts";
import { primariesWithPs } from "../verdicts/judge-tests.ts";
import { readRegistration } from "../verdicts/read-registration.ts";
import { type Primary, primariesOf, type Registration } from "../verdicts/registration.ts";
import { lockRegistrations } from "../verdicts/registration-lock.ts";
import { readSeal, type Seal, sealOfRules, sealOfRuns, sealsFolder, writeSeal } from "../verdicts/seal.ts";
import { judgeSealed, SEALED_PRESET } from "../verdicts/seal-check.ts";
import { ledgerResults, plansOf, primaryHypotheses } from "./programme.ts";
import { ledgerFolder } from "./results-source.ts";

/*
 * Writes and checks the seals of a ledger, and logs every seal that is written. Rules, code and definitions are sealed
 * before the runs, rows and verdicts after them.
 */

/** A ledger, and how the results of its experiments are planned and judged. */
export interface SealedLedger {
  readonly folder: string;
  readonly registration: (id: string) => Registration;
  readonly plans: (id: string) => readonly SeedPlan[];
  readonly code: () => string;
  /** The primary hypotheses of all registrations; default none. */
  readonly primaries?: () => readonly Primary[];
}

/** The committed ledger. */
export function committedLedger(): SealedLedger {
  return {
    folder: ledgerFolder(),
    registration: readRegistration,
    plans: (id) => plansOf(id, SEALED_PRESET),
    code: ownCodeDigest,
    primaries: primaryHypotheses,
  };
}

/**
 * The findings on some registrations from the ledger, with the state of their seals. Primary hypotheses without a p-value
 * have the sealed one.
 */
export function checkSeals(
  ids: readonly string[],
  ledger = committedLedger(),
  primaries = primariesIn(ledger),
): Finding[] {
  return ids.flatMap((id) =>
    judgeSealed(ledger.registration(id), resultsOf(id, ledger), {
      ledger: ledger.folder,
      preset: SEALED_PRESET,
      code: ledger.code,
      primaries,
    }),
  );
}

/**
 * Locks registrations before their runs, and seals the rules, code and definitions of those that have no seal yet. Throws
 * if a locked registration has changed.
 */
export function sealBeforeRuns(ids: readonly string[], ledger = committedLedger()): void {
  lockRegistrations(ledger.folder, ids);
  for (const id of ids.filter((one) => readSeal(ledger.folder, one) === undefined)) {
    const sources = ledger.plans(id).map((planned) => ({ seed: planned.seed, sources: sourcesOf(planned) }));
    const seal = sealOfRules(ledger.registration(id), sources, ledger.code(), primariesIn(ledger));
    writeSeal(ledger.folder, id, seal);
    log(ledger, { done: "sealed rules, code and definitions", registration: id, code: seal.code });
  }
}

/** What `sealAfterRuns` did, by registration. */
export interface SealedRuns {
  /** Sealed now. */
  readonly sealed: readonly string[];
  /** Not sealed: the ledger lacks rows of these, or of registrations whose primary hypotheses are sealed with theirs. */
  readonly waiting: readonly string[];
  /** The registrations that lack rows and whose primary hypotheses others wait for; absent if there are none. */
  readonly awaited?: readonly string[];
  /** They were sealed with their rows before. */
  readonly complete: readonly string[];
}

/**
 * Seals the rows and verdicts of those registrations whose rules were sealed and whose rows are all in the ledger. Those
 * with primary hypotheses are sealed together: once the ledger has the rows of all of them, those not named in `ids`
 * included. Throws if rules, code or definitions changed since then.
 */
export function sealAfterRuns(ids: readonly string[], ledger = committedLedger()): SealedRuns {
  const hasRows = rowsFinder(ledger);
  const isOpen = (id: string) => sealOf(id, ledger).rows === undefined;
  const open = ids.filter(isOpen);
  const family = familyIn(ledger);
  const isJoint = open.some((id) => family.includes(id));
  const awaited = isJoint ? family.filter((id) => !hasRows(id)) : [];
  const joint = isJoint && awaited.length === 0 ? family.filter(isOpen) : [];
  const alone = open.filter((id) => !family.includes(id) && hasRows(id));
  const sealed = [...alone, ...joint].sort();
  // All verdicts are computed before the first is written, as each of the family depends on the p-values of the others.
  const primaries = joint.length > 0 ? primariesFromRows(ledger) : primariesIn(ledger);
  const judged = sealed.map((id) => ({ id, findings: checkSeals([id], ledger, primaries) }));
  for (const { id, findings } of judged) {
    const changes = changesOf(findings);
    if (changes.length > 0)
      throw new Error(
        `${id} is not what was sealed before its runs: ${changes.join("; ")}. Restore it and run npm run ledger again.`,
      );
  }
  for (const { id, findings } of judged) {
    writeSeal(ledger.folder, id, sealOfRuns(sealOf(id, ledger), resultsOf(id, ledger), findings));
    log(ledger, { done: "sealed rows and verdicts", registration: id });
  }
  return {
    sealed,
    waiting: open.filter((id) => !sealed.includes(id)),
    complete: ids.filter((id) => !open.includes(id)),
    ...(awaited.length > 0 && { awaited }),
  };
}

/**
 * Seals definitions, rows, code and verdicts of registrations anew, because they were run again. What changed is logged. If
 * one has primary hypotheses, the verdicts of all registrations of that family that are sealed are computed and sealed anew,
 * with their sealed rows. Throws if a rule or a registered seed changed, which needs a new registration, or if anything
 * else differs from the seal of a registration that was not run again.
 */
export function sealAgain(ids: readonly string[], reason: string, ledger = committedLedger()): void {
  lockRegistrations(ledger.folder, ids);
  const family = familyIn(ledger);
  const isJoint = ids.some((id) => family.includes(id));
  const others = isJoint
    ? family.filter((id) => !ids.includes(id) && readSeal(ledger.folder, id)?.verdicts !== undefined)
    : [];
  const changed = changesOf(checkSeals(others, ledger));
  if (changed.length > 0)
    throw new Error(
      `${ids.join(", ")} cannot be sealed again, as a registration of the same family is not as it was sealed: ` +
        `${changed.join("; ")}. Restore it, or seal it again too.`,
    );
  const primaries = isJoint ? primariesFromRows(ledger) : primariesIn(ledger);
  for (const id of [...ids, ...others]) {
    const [registration, results, old] = [ledger.registration(id), resultsOf(id, ledger), sealOf(id, ledger)];
    const changes = changesOf(checkSeals([id], ledger, primaries));
    const seal = sealOfRules(registration, results, ledger.code(), primaries);
    if (!isDeepStrictEqual(seal.rules, old.rules))
      throw new Error(`The rules of ${id} changed: register them under a new name and on new seeds.`);
    const findings = judge(registration, results, { preset: SEALED_PRESET, primaries });
    if (others.includes(id) && changes.length === 0) continue;
    writeSeal(ledger.folder, id, sealOfRuns(seal, results, findings));
    log(ledger, {
      done: "sealed again",
      registration: id,
      reason,
      changes,
      before: old.verdicts ?? {},
    });
  }
}

/**
 * Seals the present code of measures and verdicts for all of these registrations if it gives the sealed numbers and
 * verdicts from the ledger. Returns whether there was anything to accept. Throws if a number or anything else differs.
 */
export function acceptCode(ids: readonly string[], reason: string, ledger = committedLedger()): boolean {
  const now = ledger.code();
  const seals = ids.map((id) => ({ id, seal: sealOf(id, ledger) }));
  const old = [...new Set(seals.map(({ seal }) => seal.code))].filter((code) => code !== now);
  if (old.length === 0) return false;
  // What was sealed before its runs has no numbers yet; its rules and definitions are compared when its rows are sealed.
  const run = seals.filter(({ seal }) => seal.rows !== undefined);
  const changes = run.flatMap(({ id, seal }) =>
    changesOf(checkSeals([id], { ...ledger, code: () => seal.code })).map((change) => `${id}: ${change}`),
  );
  if (changes.length > 0)
    throw new Error(
      `The code is not accepted, as more than the code differs from what was sealed: ${changes.join("; ")}.`,
    );
  for (const { id, seal } of seals) writeSeal(ledger.folder, id, { ...seal, code: now });
  log(ledger, { done: "accepted code", old, new: now, registrations: ids.length, reason });
  return true;
}

/** What differs from the seals of some findings, each change once. */
export function changesOf(findings: readonly Finding[]): string[] {
  const changes = findings.flatMap(({ seal }) =>
    seal !== undefined && "changes" in seal ? seal.changes : [],
  );
  return [...new Set(changes)];
}

/** The primary hypotheses of all registrations of a ledger. */
function primariesIn({ primaries }: SealedLedger): readonly Primary[] {
  return primaries?.() ?? [];
}

/** The registrations that have primary hypotheses, each once. */
function familyIn(ledger: SealedLedger): string[] {
  return [...new Set(primariesIn(ledger).map(({ registration }) => registration))];
}

/** The primary hypotheses with the p-values that the ledger's rows give; without one where the ledger lacks rows. */
function primariesFromRows(ledger: SealedLedger): Primary[] {
  const hasRows = rowsFinder(ledger);
  return familyIn(ledger).flatMap((id) => {
    const registration = ledger.registration(id);
    return hasRows(id)
      ? primariesWithPs(registration, resultsOf(id, ledger), SEALED_PRESET)
      : primariesOf(registration);
  });
}

/** Says whether a ledger has the rows of all stages that a registration's results are read from. */
function rowsFinder({ folder, plans }: SealedLedger): (id: string) => boolean {
  const rows = ledgerRows(folder);
  return (id) =>
    plans(id).every((planned) => wantedStages(planned).every((stage) => rows(stage) !== undefined));
}

function resultsOf(id: string, ledger: SealedLedger): SeedResult[] {
  return ledgerResults(ledger.plans(id), ledger.folder);
}

function sealOf(id: string, ledger: SealedLedger): Seal {
  const seal = readSeal(ledger.folder, id);
  if (seal === undefined) throw new Error(`${id} has no seal: run npx allroads seals write.`);
  return seal;
}

/** Appends an entry with today's date to the log of seals. */
function log({ folder }: SealedLedger, entry: Readonly<Record<string, unknown>>): void {
  const file = path.join(sealsFolder(folder), "log.jsonl");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const line = JSON.stringify({ date: new Date().toISOString().slice(0, 10), ...entry });
  writeFileAtomically(file, Buffer.from(`${before}${line}\n`));
}
