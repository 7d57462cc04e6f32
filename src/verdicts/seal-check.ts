import { isDeepStrictEqual } from "node:util";
import type { SeedResult, Source } from "../results/collect.ts";
import type { Preset } from "../results/presets.ts";
import { ownCodeDigest } from "./code-digest.ts";
import type { Finding, SealState } from "./finding.ts";
import { differences } from "./json-differences.ts";
import { judge } from "./judge.ts";
import type { Primary, Registration } from "./registration.ts";
import { changedRegistrations, lockedDigests } from "./registration-lock.ts";
import { readSeal, ruleOf, type Seal, sealedVerdict, subjectId, subjectsOf, withSealedPs } from "./seal.ts";

/** Where seals are, and what results are compared with them. */
export interface SealOptions {
  /** The folder of the ledger that holds the seals. */
  readonly ledger: string;
  readonly preset: Preset;
  /** The digest of the code that computes verdicts; default that of this repository. */
  readonly code?: () => string;
  /**
   * The primary hypotheses of all registrations. Those of others that have no p-value take the sealed one at the preset that
   * is sealed; without one they count as undecided.
   */
  readonly primaries?: readonly Primary[];
}

/** The preset whose definitions and rows are sealed. */
export const SEALED_PRESET: Preset = "laptop";

/** Last digits may differ in the order of a sum. */
const PRECISION = 1e-12;

/**
 * Judges every hypothesis as `judge` does, and checks the seal of each. Where a seal is broken the status is
 * uninformative, whatever the rule says. Throws as `judge` does.
 */
export function judgeSealed(
  registration: Registration,
  results: readonly SeedResult[],
  options: SealOptions,
): Finding[] {
  const { preset, ledger, primaries = [] } = options;
  const check = sealChecker(registration, results, options);
  const checked: Finding[] = [];
  const known = preset === SEALED_PRESET ? withSealedPs(ledger, primaries) : primaries;
  for (const finding of judge(registration, results, { preset, primaries: known })) {
    const { hypothesis } = finding;
    const strengthened = checked.find((one) => one.hypothesis.id === hypothesis.strengthens);
    const own = check(finding);
    const seal: SealState =
      own.kind !== "broken" && strengthened?.seal?.kind === "broken"
        ? { kind: "broken", changes: [`it strengthens ${hypothesis.strengthens}, whose seal is broken`] }
        : own;
    if (seal.kind !== "broken") checked.push({ ...finding, strengthened, seal });
    else {
      const stance = finding.stance && "undecided";
      checked.push({ ...finding, strengthened, status: "uninformative", stance, seal });
    }
  }
  return checked;
}

/** The check of one registration's findings against its seal, which is read once. */
function sealChecker(
  registration: Registration,
  results: readonly SeedResult[],
  { ledger, preset, code = ownCodeDigest, primaries = [] }: SealOptions,
): (finding: Finding) => SealState {
  const { id } = registration;
  const every = (state: SealState) => () => state;
  let seal: Seal | undefined;
  try {
    seal = readSeal(ledger, id);
  } catch (error) {
    return every({ kind: "broken", changes: [clause(error)] });
  }
  if (seal === undefined)
    return every(
      Object.hasOwn(lockedDigests(ledger), id)
        ? { kind: "broken", changes: [`the seal of ${id} is missing`] }
        : { kind: "unsealed" },
    );
  const common = [...registrationChanges(seal, registration, ledger, primaries), ...codeChanges(seal, code)];
  const fromLedger = results.some(({ sources }) => sources.some((source) => source.fromLedger));
  return (finding) => {
    const ruleAndCode = [...ruleChanges(seal, finding, primaries), ...common];
    if (preset !== SEALED_PRESET)
      return ruleAndCode.length > 0
        ? { kind: "broken", changes: ruleAndCode }
        : { kind: "intact", compared: "rules and code" };
    const settings = settingChanges(seal, finding, results);
    const broken = [
      ...ruleAndCode,
      ...settings.filter(({ hasRows }) => hasRows).map(({ change }) => change),
      ...(fromLedger ? rowChanges(seal, finding, results) : []),
    ];
    if (broken.length > 0) return { kind: "broken", changes: broken };
    if (settings.length > 0)
      return { kind: "other experiment", changes: settings.map(({ change }) => change) };
    if (!fromLedger || seal.rows === undefined) return { kind: "intact", compared: "all but rows" };
    const changes = numberChanges(seal, finding);
    return changes.length > 0 ? { kind: "broken", changes } : { kind: "intact", compared: "everything" };
  };
}

/** Hypotheses that are no longer registered; if all rules are as sealed, whether the file has other bytes. */
function registrationChanges(
  { rules }: Seal,
  registration: Registration,
  ledger: string,
  primaries: readonly Primary[],
): string[] {
  const { id, hypotheses } = registration;
  const now = new Map(hypotheses.map((one) => [one.id, ruleOf(registration, one, primaries)]));
  const left = Object.keys(rules).filter((one) => !now.has(one));
  if (left.length > 0) return [`${left.join(", ")} is no longer registered in ${id}`];
  const explained = [...now].some(([one, rule]) => !isDeepStrictEqual(rules[one], rule));
  return explained || changedRegistrations(ledger, [id]).length === 0
    ? []
    : [`data/predictions/${id}.yaml is not the registered file`];
}

function ruleChanges(
  { rules }: Seal,
  { registration, hypothesis }: Finding,
  primaries: readonly Primary[],
): string[] {
  const sealed = rules[hypothesis.id];
  if (sealed === undefined)
    return [`${hypothesis.id} is not among the sealed hypotheses of ${registration.id}`];
  const found = differences(sealed, ruleOf(registration, hypothesis, primaries));
  return found.map((one) => `the rule of ${hypothesis.id}: ${one}`);
}

function codeChanges(seal: Seal, code: () => string): string[] {
  try {
    return code() === seal.code ? [] : ["the code of measures and verdicts is not the one that was sealed"];
  } catch (error) {
    return [`the code of measures and verdicts could not be read: ${clause(error)}`];
  }
}

/** A difference in seeds or definitions, and whether the ledger gave rows for it. */
interface SettingChange {
  readonly change: string;
  readonly hasRows: boolean;
}

/**
 * How the seeds, and the definitions of the arms and scorers that a hypothesis reads, differ from what was sealed. While
 * no rows are sealed, seeds may be missing: they have not been run.
 */
function settingChanges(
  { definitions, rows }: Seal,
  { registration, hypothesis, seeds }: Finding,
  results: readonly SeedResult[],
): SettingChange[] {
  const registered = registration.seeds.test[SEALED_PRESET] ?? [];
  const hasRows = results.some(({ sources }) => sources.some(({ fromLedger }) => fromLedger));
  const other = seeds.filter((seed) => !registered.includes(seed));
  const left = rows === undefined ? [] : registered.filter((seed) => !seeds.includes(seed));
  const changed = subjectsOf(hypothesis).flatMap((subject): SettingChange[] => {
    const id = subjectId(subject);
    const differing = results.filter((result) => {
      const stages = sourceOf(result, id)?.stages.map((stage) => stage.id);
      return registered.includes(result.seed) && !isDeepStrictEqual(stages, definitions[id]?.[result.seed]);
    });
    if (differing.length === 0) return [];
    const seedText = seedList(differing.map(({ seed }) => seed));
    return [
      {
        change: `the definition of ${subject.role} ${subject.label.name} changed (${seedText})`,
        hasRows: differing.some((result) =>
          sourceOf(result, id)?.stages.some(({ row }) => row !== undefined),
        ),
      },
    ];
  });
  return [
    ...(other.length > 0 ? [{ change: `${seedList(other)} not registered`, hasRows }] : []),
    ...(left.length > 0 ? [{ change: `${seedList(left)} left out`, hasRows }] : []),
    ...changed,
  ];
}

/** The rows that a hypothesis reads and that are not those that were sealed. */
function rowChanges({ rows }: Seal, { hypothesis }: Finding, results: readonly SeedResult[]): string[] {
  if (rows === undefined) return [];
  const changes = results.flatMap((result) =>
    subjectsOf(hypothesis).flatMap((subject) =>
      (sourceOf(result, subjectId(subject))?.stages ?? [])
        .filter(({ id, row }) => rows[id] !== row)
        .map(({ id, row }) => {
          const name = `the row of ${subject.label.name}, seed ${result.seed} (${id}),`;
          return row === undefined ? `${name} is missing` : `${name} is not the one that was sealed`;
        }),
    ),
  );
  return [...new Set(changes)];
}

/** How the verdict or the numbers of a finding differ from those that were sealed. */
export function numberChanges({ verdicts = {} }: Seal, finding: Finding): string[] {
  const { id } = finding.hypothesis;
  const sealed = verdicts[id];
  if (sealed === undefined) return [`the seal has no verdict on ${id}`];
  const { status, numbers, p } = sealedVerdict(finding);
  if (status !== sealed.status)
    return [`the verdict on ${id} is sealed as ${sealed.status} and is ${status}`];
  if ((p === undefined) !== (sealed.p === undefined) || !isNear(p ?? 0, sealed.p ?? 0))
    return [`the p-value of ${id} is sealed as ${sealed.p ?? "none"} and is ${p ?? "none"}`];
  const same =
    numbers.length === sealed.numbers.length &&
    numbers.every((row, at) => {
      const own = sealed.numbers[at] ?? [];
      return row.length === own.length && row.every((value, index) => isNear(value, own[index]!));
    });
  if (same) return [];
  const text = (rows: readonly (readonly number[])[]) => rows.map((row) => `[${row.join(", ")}]`).join(" ");
  return [`the numbers of ${id} are sealed as ${text(sealed.numbers)} and are ${text(numbers)}`];
}

function isNear(value: number, sealed: number): boolean {
  return Math.abs(value - sealed) <= PRECISION * Math.max(1, Math.abs(sealed));
}

function sourceOf({ sources }: SeedResult, id: string): Source | undefined {
  return sources.find((source) => subjectId(source) === id);
}

const seedList = (seeds: readonly number[]) => `seed${seeds.length === 1 ? "" : "s"} ${seeds.join(", ")}`;
const clause = (error: unknown) => (error as Error).message.replace(/\.$/, "");
