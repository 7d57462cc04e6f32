import type { SeedResult } from "../results/collect.ts";
import { escapeMarkdown } from "./markdown.ts";

/*
 * How results were computed: devices, TensorFlow versions and computing time.
 */

/** How each seed's stages were computed, as rows of a table. `extra` adds columns after the seed. */
export function provenanceRows(
  results: readonly SeedResult[],
  extra: (result: SeedResult) => Readonly<Record<string, string | number>> = () => ({}),
): Record<string, string | number>[] {
  return results.map((result) => ({
    seed: result.seed,
    ...extra(result),
    stages: result.provenance.length,
    "computing time, s": Math.round(result.provenance.reduce((sum, { seconds }) => sum + seconds, 0)),
    device: [...new Set(result.provenance.map(({ device }) => device))].join("; "),
    TensorFlow: [...new Set(result.provenance.map(({ tensorflow }) => tensorflow))].join("; "),
  }));
}

/**
 * The MIME type under which a display has the dates of the runs that it shows, as `runDates` gives them. Front ends pass
 * over it; reports show these dates instead of that of their making.
 */
export const RUN_DATES = "application/vnd.allroads.run-dates+json";

/** The first and the last day on which results were computed, for example "2026-11-21". */
export function runDates(results: readonly SeedResult[]): { readonly first: string; readonly last: string } {
  const days = results
    .flatMap(({ provenance }) => provenance.map(({ finished }) => finished.slice(0, 10)))
    .sort();
  return { first: days.at(0) ?? "", last: days.at(-1) ?? "" };
}

/** A sentence in Markdown on where, when and on which devices results were computed, and whether they are from the ledger. */
export function originSentence(results: readonly SeedResult[], fromLedger: boolean): string {
  const stages = results.flatMap(({ provenance }) => provenance);
  const distinct = (values: readonly string[]) => [...new Set(values)].sort();
  const devices = distinct(
    stages.map(({ device, tensorflow }) => escapeMarkdown(`${device}, TensorFlow ${tensorflow}`)),
  );
  const { first, last } = runDates(results);
  const span =
    first === last
      ? `on ${escapeMarkdown(first)}`
      : `from ${escapeMarkdown(first)} to ${escapeMarkdown(last)}`;
  const minutes = stages.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const where = fromLedger
    ? "Read from the committed ledger, **nothing was trained for this report**; the ledger's runs were made"
    : "Trained and evaluated in this run store,";
  return (
    `${where} ${span} on ${devices.join("; ")}: ${new Set(stages.map(({ stage }) => stage)).size} stages, ` +
    `${minutes.toFixed(1)} minutes of computing.`
  );
}
