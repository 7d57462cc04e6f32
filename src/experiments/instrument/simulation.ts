import path from "node:path";
import { z } from "zod";
import { pairedHierarchicalBootstrap } from "../../evaluation/bootstrap.ts";
import { holm } from "../../evaluation/holm.ts";
import { type Interval, mean, tInterval } from "../../evaluation/statistics.ts";
import { intervalProbability } from "../../evaluation/student.ts";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { readData, validated } from "../../files/data-files.ts";
import { repositoryRoot } from "../../files/repository.ts";
import { normal, type RandomStream, randomStream } from "../../tensors/random.ts";
import { decide, type Rule } from "../../verdicts/rules.ts";
import { decidingConfidence, pValue } from "../../verdicts/student-rules.ts";
import type { Components } from "./components.ts";

/*
 * Simulates the instrument that decides hypotheses on experiments whose truth is known: how often intervals cover it, how
 * often a family holds a false decision, and how often a difference is found. Seeds, prompts and choices of epochs vary as
 * in the ledger; see `Components`.
 */

/** How much is simulated. */
export interface SimulationSize {
  /** Experiments for each coverage. */
  readonly experiments: number;
  /** Draws of each bootstrap. */
  readonly draws: number;
  /** Experiments for each rate of decisions, which needs no bootstrap. */
  readonly decisions: number;
}

/** The size of the committed simulation: less than two minutes on one core. */
export const COMMITTED_SIZE: SimulationSize = { experiments: 2000, draws: 1000, decisions: 20_000 };

const SEED_COUNTS = [5, 10, 20];
const ALPHA = 0.05;
const FAMILY = 7;
const EFFECT = 0.03;
/**
 * Prompts of a simulated seed. They spread more than the ledger's, so that a seed's mean varies as with the ledger's number
 * of prompts; with as many the bootstrap would take hours.
 */
const PROMPTS = 25;

const share = z.number().min(0).max(1);
const coverageForm = z.strictObject({
  effects: z.string(),
  seeds: z.int(),
  t: share,
  "bootstrap of seeds and prompts": share,
  "bootstrap of seeds": share,
});
const familyForm = z.strictObject({
  "true effects": z.int(),
  correlation: z.number(),
  "any false decision": share,
  "any false decision, uncorrected": share,
  "true effects found": share.optional(),
});
const marginForm = z.strictObject({
  seeds: z.int(),
  alpha: z.number(),
  "equivalent at the margin": share,
  "non-inferior at the margin": share,
});
const powerForm = z.strictObject({
  seeds: z.int(),
  alpha: z.number(),
  superiority: share,
  "superiority, computed": share,
  equivalence: share,
  "equivalence, computed": share,
});
const simulationForm = z.strictObject({
  command: z.string(),
  source: z.string(),
  size: z.strictObject({ experiments: z.int(), draws: z.int(), decisions: z.int() }),
  components: z.strictObject({
    gaps: z.array(z.number()).readonly(),
    seedSd: z.number(),
    candidateSd: z.number(),
    promptSd: z.number(),
    candidatePromptSd: z.number(),
    prompts: z.int(),
  }),
  /** Standard deviation over seeds of the measured difference to the chosen candidate, and its mean. */
  measured: z.strictObject({ mean: z.number(), sd: z.number() }),
  /** How often 95 % intervals cover the true mean. */
  coverage: z.array(coverageForm),
  /** Of seven hypotheses of superiority on 20 seeds, corrected by Holm at 5 %. */
  families: z.array(familyForm),
  /** Of a true difference at the margin of 3 points. */
  margins: z.array(marginForm),
  /** For 3 points; of equivalence within 3 points, for no difference. */
  power: z.array(powerForm),
});

/** What was simulated and found. */
export type Simulation = z.output<typeof simulationForm>;

/** One simulated seed: the values of its prompts. */
type Seed = readonly number[];

/** A kind of experiment: draws one seed. */
type Experiment = (stream: RandomStream) => Seed;

/** Simulates the instrument with these components; `source` says where they come from. The same input gives the same numbers. */
export function simulate(components: Components, source: string, size = COMMITTED_SIZE): Simulation {
  const ledger = ledgerExperiment(components);
  const stream = randomStream(1, "truth");
  const measured = moments(Array.from({ length: 10 * size.decisions }, () => mean(ledger(stream))));
  const skewed = (sigma: number) => skewedExperiment(components, sigma);
  const effects: readonly (readonly [name: string, experiment: Experiment, truth: number])[] = [
    ["as in the ledger, with a choice of epochs", ledger, measured.mean],
    ["log-normal, sigma 0.5", skewed(0.5), 0],
    ["log-normal, sigma 1", skewed(1), 0],
  ];
  return {
    command: "npx allroads simulate",
    source,
    size,
    components: rounded(components),
    measured: rounded(measured),
    coverage: effects.flatMap(([name, experiment, centre]) =>
      SEED_COUNTS.map((seeds) => ({
        effects: name,
        seeds,
        ...coverage(experiment, centre, seeds, size),
      })),
    ),
    families: [0, 3, 6].flatMap((effects) =>
      [0, 0.5].map((correlation) => familyErrors(effects, correlation, measured.sd, size.decisions)),
    ),
    margins: levels(({ seeds, alpha }) => marginErrors(seeds, alpha, measured.sd, size.decisions)),
    power: levels(({ seeds, alpha }) => power(seeds, alpha, measured.sd, size.decisions)),
  };
}

/** A function of each number of seeds at the level of a single test and of the first step of the family. */
function levels<T>(of: (level: { seeds: number; alpha: number }) => T): T[] {
  return SEED_COUNTS.flatMap((seeds) => [ALPHA, ALPHA / FAMILY].map((alpha) => of({ seeds, alpha })));
}

/**
 * Seeds as in the ledger: the best candidate is chosen by its win rate on validation prompts, and the difference to it is
 * measured on others.
 */
function ledgerExperiment(parts: Components): Experiment {
  const { gaps, seedSd, candidateSd, candidatePromptSd, prompts } = parts;
  const spread = promptSpread(parts);
  const validation = candidatePromptSd / Math.sqrt(prompts);
  return (stream) => {
    const common = seedSd * normal(stream);
    const candidates = gaps.map((gap) => {
      const truth = gap + candidateSd * normal(stream);
      return { truth, seen: truth + validation * normal(stream) };
    });
    const chosen = candidates.reduce((best, next) => (next.seen < best.seen ? next : best));
    return promptValues(common + chosen.truth, spread, stream);
  };
}

/** Seeds whose true differences are log-normal, shifted to a mean of zero and as spread as the ledger's. */
function skewedExperiment(components: Components, sigma: number): Experiment {
  const sd = Math.hypot(components.seedSd, components.candidateSd);
  const [centre, own] = [
    Math.exp(sigma ** 2 / 2),
    Math.sqrt(Math.expm1(sigma ** 2)) * Math.exp(sigma ** 2 / 2),
  ];
  const spread = promptSpread(components);
  return (stream) => promptValues((sd * (Math.exp(sigma * normal(stream)) - centre)) / own, spread, stream);
}

/** Standard deviation of the simulated prompts' values. */
function promptSpread({ promptSd, candidatePromptSd, prompts }: Components): number {
  return Math.hypot(promptSd, candidatePromptSd) * Math.sqrt(PROMPTS / prompts);
}

function promptValues(truth: number, spread: number, stream: RandomStream): number[] {
  return Array.from({ length: PROMPTS }, () => truth + spread * normal(stream));
}

/** How often intervals of each method cover the truth. */
function coverage(
  experiment: Experiment,
  truth: number,
  seeds: number,
  { experiments, draws }: SimulationSize,
) {
  const methods: Record<string, (rows: readonly Seed[], seed: number) => Interval> = {
    t: (rows) => tInterval(rows.map(mean)),
    "bootstrap of seeds and prompts": (rows, seed) => pairedHierarchicalBootstrap(rows, { seed, draws }),
    "bootstrap of seeds": (rows, seed) =>
      pairedHierarchicalBootstrap(
        rows.map((row) => [mean(row)]),
        { seed, draws },
      ),
  };
  const covered = Object.fromEntries(Object.keys(methods).map((name) => [name, 0]));
  const stream = randomStream(1, "coverage", seeds);
  for (let at = 0; at < experiments; at++) {
    const rows = Array.from({ length: seeds }, () => experiment(stream));
    for (const [name, interval] of Object.entries(methods)) {
      const { low, high } = interval(rows, at);
      covered[name]! += Number(low <= truth && truth <= high);
    }
  }
  const rate = (name: string) => covered[name]! / experiments;
  return {
    t: rate("t"),
    "bootstrap of seeds and prompts": rate("bootstrap of seeds and prompts"),
    "bootstrap of seeds": rate("bootstrap of seeds"),
  };
}

const SUPERIORITY: Rule = { kind: "superiority" };
const EQUIVALENCE: Rule = { kind: "equivalence", margin: EFFECT };
const NON_INFERIORITY: Rule = { kind: "non-inferiority", margin: EFFECT };

/** False and true decisions in a family of superiorities of which some are true and the others differ by nothing. */
function familyErrors(effects: number, correlation: number, sd: number, experiments: number) {
  const stream = randomStream(1, "families", effects, correlation);
  const [shared, own] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  const seeds = SEED_COUNTS.at(-1) ?? 0;
  const counts = { any: 0, uncorrected: 0, found: 0 };
  for (let at = 0; at < experiments; at++) {
    const common = Array.from({ length: seeds }, () => normal(stream));
    const ps = Array.from({ length: FAMILY }, (_, index) => {
      const centre = index < effects ? EFFECT : 0;
      return pValue(
        SUPERIORITY,
        common.map((value) => centre + sd * (shared * value + own * normal(stream))),
      );
    });
    const steps = holm(ps, ALPHA);
    counts.any += Number(steps.some(({ decided }, index) => index >= effects && decided));
    counts.uncorrected += Number(ps.some((p, index) => index >= effects && p < ALPHA));
    counts.found += steps.filter(({ decided }, index) => index < effects && decided).length;
  }
  return {
    "true effects": effects,
    correlation,
    "any false decision": counts.any / experiments,
    "any false decision, uncorrected": counts.uncorrected / experiments,
    ...(effects > 0 && { "true effects found": counts.found / experiments / effects }),
  };
}

/** How often a rule is satisfied at a level by normal values with this mean. */
function satisfied(
  rule: Rule,
  centre: number,
  sd: number,
  { seeds, alpha }: { seeds: number; alpha: number },
  experiments: number,
): number {
  const stream = randomStream(1, "decisions", rule.kind, centre, seeds, alpha);
  const confidence = decidingConfidence(rule, alpha);
  let count = 0;
  for (let at = 0; at < experiments; at++) {
    const values = Array.from({ length: seeds }, () => centre + sd * normal(stream));
    count += Number(decide(rule, [tInterval(values, confidence)]) === "supported");
  }
  return count / experiments;
}

function marginErrors(seeds: number, alpha: number, sd: number, experiments: number) {
  const level = { seeds, alpha };
  return {
    seeds,
    alpha: Number(alpha.toFixed(6)),
    "equivalent at the margin": satisfied(EQUIVALENCE, EFFECT, sd, level, experiments),
    "non-inferior at the margin": satisfied(NON_INFERIORITY, -EFFECT, sd, level, experiments),
  };
}

function power(seeds: number, alpha: number, sd: number, experiments: number) {
  const level = { seeds, alpha };
  const plan = { values: seeds, sd };
  return {
    seeds,
    alpha: Number(alpha.toFixed(6)),
    superiority: satisfied(SUPERIORITY, EFFECT, sd, level, experiments),
    "superiority, computed": rounded(
      intervalProbability({
        ...plan,
        mean: EFFECT,
        confidence: decidingConfidence(SUPERIORITY, alpha),
        above: 0,
      }),
    ),
    equivalence: satisfied(EQUIVALENCE, 0, sd, level, experiments),
    "equivalence, computed": rounded(
      intervalProbability({
        ...plan,
        mean: 0,
        confidence: decidingConfidence(EQUIVALENCE, alpha),
        above: -EFFECT,
        below: EFFECT,
      }),
    ),
  };
}

function moments(values: readonly number[]): { mean: number; sd: number } {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return { mean: centre, sd: Math.sqrt(squares / (values.length - 1)) };
}

/** The same value with every number rounded to six decimals. */
function rounded<T>(value: T): T {
  if (typeof value === "number") return Number(value.toFixed(6)) as T;
  if (Array.isArray(value)) return value.map(rounded) as T;
  const entries = Object.entries(value as object).map(([key, part]) => [key, rounded(part)]);
  return Object.fromEntries(entries) as T;
}

const FILE = "data/simulation/instrument.json";

/** Writes a simulation to data/simulation/instrument.json. */
export function writeSimulation(simulation: Simulation): void {
  writeFileAtomically(
    path.join(repositoryRoot(), FILE),
    Buffer.from(`${JSON.stringify(simulation, null, 1)}\n`),
  );
}

/** The committed simulation. Throws an error that names the file if it is missing or malformed. */
export function readSimulation(): Simulation {
  return validated(simulationForm, JSON.parse(readData(FILE)), FILE);
}
