import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { validated } from "../files/data-files.ts";
import type { Json } from "../files/user-code.ts";
import type { SeedResult, Source } from "../results/collect.ts";
import type { Label } from "../results/labels.ts";
import { measuredSubject } from "../results/measures.ts";
import { estimateLabels } from "./estimates.ts";
import type { Finding } from "./finding.ts";
import { type Hypothesis, type Primary, primariesOf, type Registration, type Role } from "./registration.ts";

/*
 * A seal holds everything that the verdicts of one registration depend on, as it was when they were first computed: the
 * rules, a digest of the code of measures and verdicts, the definitions of the stages that are read, digests of their rows
 * in the ledger, and the numbers and verdicts themselves. It is a file in the ledger's folder. Rules, code and definitions
 * are sealed before the runs; rows, numbers and verdicts are added after them.
 */

/** The numbers and the verdict of one hypothesis. */
export interface SealedVerdict {
  readonly status: string;
  /** Mean, low and high of every estimate, then what was measured of every unmet need. */
  readonly numbers: readonly (readonly number[])[];
  /** Of a test, its own p-value, which the verdicts on others of its family depend on; see `Finding.p`. */
  readonly p?: number;
}

/** What the verdicts of one registration depend on. */
export interface Seal {
  /** The digest of the code that computes measures and verdicts; see `codeDigest`. */
  readonly code: string;
  /** What decides each hypothesis, by its id; see `ruleOf`. */
  readonly rules: Readonly<Record<string, Json>>;
  /** The stages that each arm and scorer is read from, by the ids of `subjectId`, then by seed. */
  readonly definitions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** SHA-256 of the rows of those stages; absent before the runs. */
  readonly rows?: Readonly<Record<string, string>>;
  /** By hypothesis; absent before the runs. */
  readonly verdicts?: Readonly<Record<string, SealedVerdict>>;
}

const json: z.ZodType<Json> = z.json();
const sealForm = z.strictObject({
  code: z.string(),
  rules: z.record(z.string(), json),
  definitions: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  rows: z.record(z.string(), z.string()).optional(),
  verdicts: z
    .record(
      z.string(),
      z.strictObject({
        status: z.string(),
        numbers: z.array(z.array(z.number())),
        p: z.number().min(0).max(1).optional(),
      }),
    )
    .optional(),
});

/** The folder of the seals in a ledger's folder. */
export function sealsFolder(ledger: string): string {
  return path.join(ledger, "seals");
}

/** The seal of a registration in a ledger's folder; undefined if it has none. Throws if the file is not a seal. */
export function readSeal(ledger: string, id: string): Seal | undefined {
  const file = fileOf(ledger, id);
  if (!existsSync(file)) return undefined;
  const name = `The seal ${path.basename(file)}`;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${name} is not JSON (${(error as Error).message}): restore it from the repository.`);
  }
  return validated(sealForm, value, name);
}

/** Writes the seal of a registration into a ledger's folder. */
export function writeSeal(ledger: string, id: string, seal: Seal): void {
  writeFileAtomically(fileOf(ledger, id), Buffer.from(`${JSON.stringify(seal, null, 1)}\n`));
}

const fileOf = (ledger: string, id: string) => path.join(sealsFolder(ledger), `${id}.json`);

/**
 * What decides a hypothesis, as plain JSON: arms and scorers by id, without how they are displayed. A primary hypothesis is
 * decided by its family too, the primary ones of all registrations.
 */
export function ruleOf(
  registration: Registration,
  hypothesis: Hypothesis,
  primaries: readonly Primary[] = [],
): Json {
  const { claim, interval, seeds } = registration;
  const family = hypothesis.primary ? primaryNames(registration, primaries) : undefined;
  return plain({ claim, ...hypothesis, family, interval, seeds });
}

/** The primary hypotheses of a registration and of all others, by name and in order. */
function primaryNames(registration: Registration, primaries: readonly Primary[]): string[] {
  const all = [...primaries, ...primariesOf(registration)];
  return [...new Set(all.map((one) => `${one.registration} ${one.hypothesis}`))].sort();
}

/** The primary hypotheses with the p-values that a ledger's seals have of them; those that have one keep it. */
export function withSealedPs(ledger: string, primaries: readonly Primary[]): Primary[] {
  const seals = new Map<string, Seal | undefined>();
  return primaries.map((one) => {
    const { registration, hypothesis, p } = one;
    if (p !== undefined) return one;
    if (!seals.has(registration)) seals.set(registration, soundSeal(ledger, registration));
    return { ...one, p: seals.get(registration)?.verdicts?.[hypothesis]?.p };
  });
}

/** The seal of a registration, or undefined if it has none that can be read: what depends on it is then not as sealed. */
function soundSeal(ledger: string, id: string): Seal | undefined {
  try {
    return readSeal(ledger, id);
  } catch {
    return undefined;
  }
}

/** JSON of a value with labels replaced by their ids, keys in order, and undefined fields left out. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value as Json;
  if ("colour" in value && "id" in value) return String(value.id);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, plain(part)]),
  );
}

/** An arm or a scorer that a hypothesis reads. */
export interface Subject {
  readonly label: Label;
  readonly role: Role;
}

/** The arms and scorers that decide a hypothesis, its needs included, each once. */
export function subjectsOf({ estimates, needs }: Pick<Hypothesis, "estimates" | "needs">): Subject[] {
  const measured = (metric: string, labels: readonly Label[]) =>
    labels.map((label) => ({ label, role: measuredSubject(metric) }));
  const subjects = [...estimates, ...needs].flatMap((one) => {
    if ("label" in one) return measured(one.metric, [one.label]);
    if (!("points" in one)) return measured(one.metric, estimateLabels(one));
    return one.points.flatMap((point) => [
      ...measured(one.metric, [point.treatment, point.control]),
      ...measured(one.on, [point.on.treatment, point.on.control]),
    ]);
  });
  return [...new Map(subjects.map((one) => [subjectId(one), one])).values()];
}

/** Names an arm or a scorer in a seal: an arm and the scorer of the same policy share a label's id. */
export function subjectId({ role, label }: Subject): string {
  return `${role} ${label.id}`;
}

/** What a seal holds before the runs; `results` need their sources only. */
export function sealOfRules(
  registration: Registration,
  results: readonly Pick<SeedResult, "seed" | "sources">[],
  code: string,
  primaries: readonly Primary[] = [],
): Seal {
  const { hypotheses } = registration;
  const read = new Set(hypotheses.flatMap(subjectsOf).map(subjectId));
  const sources = results.flatMap(({ seed, sources }) =>
    sources.map((source) => ({ id: subjectId(source), seed, stages: source.stages.map(({ id }) => id) })),
  );
  const bySeed = (id: string) =>
    Object.fromEntries(sources.filter((one) => one.id === id).map(({ seed, stages }) => [seed, stages]));
  return {
    code,
    rules: Object.fromEntries(hypotheses.map((one) => [one.id, ruleOf(registration, one, primaries)])),
    definitions: Object.fromEntries([...read].sort().map((id) => [id, bySeed(id)])),
  };
}

/** The same seal with the rows, numbers and verdicts of its runs. Throws if a stage that is read has no row. */
export function sealOfRuns(
  seal: Seal,
  results: readonly Pick<SeedResult, "sources">[],
  findings: readonly Finding[],
): Seal {
  const ids = new Set(Object.values(seal.definitions).flatMap((bySeed) => Object.values(bySeed).flat()));
  const found = results.flatMap(({ sources }) => sources.flatMap((source: Source) => source.stages));
  const digests = new Map(found.map(({ id, row }) => [id, row]));
  const rows = [...ids].map((id) => {
    const row = digests.get(id);
    if (row === undefined) throw new Error(`The ledger has no row of ${id}: run npm run ledger first.`);
    return [id, row] as const;
  });
  return {
    ...seal,
    rows: sorted(Object.fromEntries(rows)),
    verdicts: Object.fromEntries(findings.map((one) => [one.hypothesis.id, sealedVerdict(one)])),
  };
}

/** The numbers and the verdict of a finding, as a seal holds them. */
export function sealedVerdict({ status, estimates, unmet, p }: Finding): SealedVerdict {
  const ends = ({ mean, low, high }: Finding["estimates"][number]) => [mean, low, high];
  const needed = unmet.map(({ measured }) => (typeof measured === "number" ? [measured] : ends(measured)));
  return { status, numbers: [...estimates.map(ends), ...needed], ...(p !== undefined && { p }) };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
