import { registered } from "./experiments/programme.ts";
import { ledgerFolder } from "./experiments/results-source.ts";
import { acceptCode, checkSeals, sealAfterRuns, sealAgain, sealBeforeRuns } from "./experiments/seals.ts";
import { UsageError } from "./files/usage-error.ts";
import { sealSentences } from "./report/seal-text.ts";
import { lockedDigests } from "./verdicts/registration-lock.ts";

/* The commands `allroads seals`. Each prints what it found or did and returns an exit status. */

type Print = (text: string) => void;

/** Computes the verdicts of experiments from the ledger and prints those that are not as they were sealed: then 1, else 0. */
export function checkSealsOf(ids: readonly string[], print: Print): number {
  const findings = checkSeals(ids);
  for (const finding of findings.filter(({ seal }) => seal?.kind !== "intact")) {
    const sentences = finding.seal?.kind === "unsealed" ? ["It has no seal."] : sealSentences(finding);
    print(`${finding.registration.id}, ${finding.hypothesis.id}. ${sentences.join(" ")}`);
  }
  const intact = findings.filter(({ seal }) => seal?.kind === "intact").length;
  print(`${intact} of ${findings.length} verdicts are as they were sealed.`);
  return intact < findings.length ? 1 : 0;
}

/**
 * Seals the registrations of experiments that have no seal, their rows and verdicts only if the ledger has them; with a
 * reason also those that have one.
 */
export function writeSealsOf(ids: readonly string[], reason: string | undefined, print: Print): number {
  sealBeforeRuns(ids);
  const { sealed, waiting, complete, awaited = [] } = sealAfterRuns(ids);
  for (const id of sealed) print(`${id} is sealed.`);
  for (const id of waiting) print(waitingSentence(id, awaited));
  if (reason === undefined) return 0;
  sealAgain(complete, reason);
  for (const id of complete) print(`${id} is sealed again.`);
  return 0;
}

/** Why the verdicts of a registration are not sealed yet. */
export function waitingSentence(id: string, awaited: readonly string[]): string {
  const start = `${id}: rules, code and settings are sealed;`;
  const others = awaited.filter((one) => one !== id);
  return others.length === awaited.length && others.length > 0
    ? `${start} its primary hypotheses are sealed together with those of ${others.join(", ")}, of which the ledger lacks rows.`
    : `${start} the ledger has no rows yet.`;
}

/** Seals changed code of measures and verdicts. Throws if it gives other numbers or no reason is given. */
export function acceptCodeBecause(reason: string | undefined, print: Print): number {
  if (reason === undefined)
    throw new UsageError("Say what was changed in the code: allroads seals accept --reason TEXT.");
  const locked = lockedDigests(ledgerFolder());
  const ids = registered.map(({ id }) => id).filter((id) => Object.hasOwn(locked, id));
  print(
    acceptCode(ids, reason)
      ? "The changed code gives every sealed number and verdict: accepted."
      : "The code is the one that was sealed.",
  );
  return 0;
}
