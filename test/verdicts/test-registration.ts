import type { SeedResult } from "../../src/results/collect.ts";
import type { Label } from "../../src/results/labels.ts";
import { parseRegistration } from "../../src/verdicts/read-registration.ts";
import type { Registration } from "../../src/verdicts/registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

/* Registrations that are tested by Student's t, and results for them. */

/** The YAML of one hypothesis; fields of `changes` replace or add to those of a superiority of 3 points. */
export function hypothesisYaml(id: string, changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    statement: "It is so.",
    "if supported": "for",
    rule: "{ kind: superiority }",
    estimate: "{ metric: greedy-win-rate, treatment: online-dpo, control: dpo }",
    "smallest effect": "0.03",
    ...changes,
  };
  const lines = Object.entries(fields).map(([key, value]) => `    ${key}: ${value}`);
  return [`  - id: ${id}`, ...lines].join("\n");
}

/** The YAML of a registration with these hypotheses. */
export function registrationYaml(
  hypotheses: readonly string[],
  { id = "99-example", laptop = "[1, 2, 3, 4, 5]", secondary = "[]" } = {},
): string {
  return `
id: ${id}
registered: 2026-12-01
claim: Better is better.
reported: []
arms: { sft: start, dpo: offline, dpo-2x: twice, dpo-best: chosen, online-sft: online, online-dpo: online, global: scorer }
hypotheses:
${hypotheses.join("\n")}
secondary: ${secondary}
interval: { method: student t, over: seeds, level: 0.95, correction: holm }
seeds: { tuning: [0], test: { smoke: [1], laptop: ${laptop}, gpu: [1, 2, 3, 4, 5, 6] } }
`;
}

/** A registration with these hypotheses. */
export const testRegistration = (...of: Parameters<typeof registrationYaml>): Registration =>
  parseRegistration(registrationYaml(...of));

/** Results on seeds from 1 on: the win rates of arms, one list over seeds for each arm. */
export function resultsOf(...rates: readonly (readonly [Label, readonly number[]])[]): SeedResult[] {
  const seeds = rates[0]?.[1].length ?? 0;
  return Array.from({ length: seeds }, (_, index) =>
    seedResult(index + 1, { arms: rates.map(([arm, values]) => armResult(arm, values[index]!)) }),
  );
}
