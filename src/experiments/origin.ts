import type { SeedResult } from "../results/collect.ts";
import { fromLedger } from "./programme.ts";

/** Where results come from, in a sentence: trained in this run store, or read from the committed ledger. */
export function originSentence(results: readonly SeedResult[]): string {
  const stages = results.flatMap(({ provenance }) => provenance);
  const distinct = (values: readonly string[]) => [...new Set(values)].sort();
  const devices = distinct(stages.map(({ device, tensorflow }) => `${device}, TensorFlow ${tensorflow}`));
  const days = distinct(stages.map(({ finished }) => finished.slice(0, 10)));
  const span = days.length > 1 ? `from ${days[0]} to ${days.at(-1)}` : `on ${days[0]}`;
  const minutes = stages.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const where = fromLedger()
    ? "Read from the committed ledger, **nothing was trained for this report**; the ledger's runs were made"
    : "Trained and evaluated in this run store,";
  return (
    `${where} ${span} on ${devices.join("; ")}: ${new Set(stages.map(({ stage }) => stage)).size} stages, ` +
    `${minutes.toFixed(1)} minutes of computing.`
  );
}
