import { holm } from "../evaluation/holm.ts";
import type { SeedResult } from "../results/collect.ts";
import { gridEdges } from "../results/grid-edges.ts";
import type { Label } from "../results/labels.ts";
import { missingLabels } from "../results/measures.ts";
import { type Preset, presetNamed } from "../results/presets.ts";
import { estimated, estimateLabels, isMeasured, seedsWithoutOverlap, seedValues } from "./estimates.ts";
import type { Finding } from "./finding.ts";
import { needLabels, type UnmetNeed, unmetNeed } from "./needs.ts";
import { type Hypothesis, type Primary, primariesOf, type Registration } from "./registration.ts";
import { decide, type Status } from "./rules.ts";
import { decidingConfidence, powerOf, pValue } from "./student-rules.ts";

/*
 * Judges registrations whose intervals are Student's t. One number decides a hypothesis, and all seeds that are registered
 * for the preset must have been run. Holm's procedure corrects over a family: the primary hypotheses of all registrations
 * are one, the others of one registration are one each. What cannot be tested counts in its family, with a p-value of 1.
 */

/** What findings depend on beside a registration and its results. */
export interface Circumstances {
  /** The preset that was run; default laptop. */
  readonly preset?: Preset;
  /** The primary hypotheses of all registrations; those of the registration itself may be left out. */
  readonly primaries?: readonly Primary[];
}

/** What the results say of one hypothesis by itself. */
interface Evidence {
  readonly hypothesis: Hypothesis;
  readonly missing: readonly Label[];
  readonly withoutOverlap: readonly number[];
  readonly unmet: readonly UnmetNeed[];
  /** The value on each seed; absent if the hypothesis cannot be tested. */
  readonly values?: readonly number[];
  readonly p: number;
}

/** The findings on every hypothesis. Each interval has the confidence of its step in Holm's procedure, and so decides. */
export function judgeTests(
  registration: Registration,
  results: readonly SeedResult[],
  { preset = presetNamed(undefined), primaries = [] }: Circumstances,
): Finding[] {
  const evidence = evidenceOf(registration, results, preset);
  const others = primaries.filter((one) => one.registration !== registration.id);
  const isComplete = hasAllSeeds(registration, results, preset);
  const alpha = 1 - registration.interval.level;
  return registration.hypotheses.map((hypothesis, index) => {
    const { missing, withoutOverlap, unmet, values, p } = evidence[index]!;
    const mates = evidence.filter((one) => Boolean(one.hypothesis.primary) === Boolean(hypothesis.primary));
    const pending = hypothesis.primary ? others : [];
    const ps = [...mates, ...pending].map((one) => one.p ?? 1);
    const step = holm(ps, alpha)[mates.findIndex((one) => one.hypothesis === hypothesis)]!;
    const level = isComplete ? decidingConfidence(hypothesis.rule, step.alpha) : registration.interval.level;
    const estimates = hypothesis.estimates
      .filter((one) => isMeasured(results, one))
      .map((one) => estimated(results, one, { method: "student t", level }));
    const status: Status = !isComplete
      ? "incomplete"
      : values === undefined
        ? "uninformative"
        : decide(hypothesis.rule, estimates);
    return {
      registration,
      hypothesis,
      status,
      estimates,
      level,
      unmet,
      missing,
      seeds: results.map(({ seed }) => seed),
      stance: stanceOf(hypothesis, status),
      p,
      adjustedP: step.adjusted,
      power: values && powerOf(hypothesis.rule, values, level, hypothesis.smallestEffect ?? 0),
      test: {
        preset,
        family: ps.length,
        pending: pending.filter((one) => one.p === undefined),
        withoutOverlap,
        edges: isComplete ? gridEdges(results, labelsOf(hypothesis)) : [],
      },
    };
  });
}

/**
 * The primary hypotheses of a registration with their p-values, which the verdicts on those of other registrations depend
 * on. That of a hypothesis that cannot be tested, or lacks seeds, is 1.
 */
export function primariesWithPs(
  registration: Registration,
  results: readonly SeedResult[],
  preset: Preset = presetNamed(undefined),
): Primary[] {
  const primaries = primariesOf(registration);
  if (primaries.length === 0) return [];
  const evidence = evidenceOf(registration, results, preset);
  return primaries.map((one) => ({
    ...one,
    p: evidence.find(({ hypothesis }) => hypothesis.id === one.hypothesis)?.p,
  }));
}

function evidenceOf(registration: Registration, results: readonly SeedResult[], preset: Preset): Evidence[] {
  const isComplete = hasAllSeeds(registration, results, preset);
  return registration.hypotheses.map((hypothesis) => {
    const { estimates, needs, rule } = hypothesis;
    const missing = missingLabels(results, labelsOf(hypothesis));
    const present = missing.length === 0;
    const withoutOverlap = present ? estimates.flatMap((one) => seedsWithoutOverlap(results, one)) : [];
    const isTestable = isComplete && present;
    const unmet = isTestable ? needs.flatMap((need) => unmetNeed(need, results, registration)) : [];
    const found = { hypothesis, missing, withoutOverlap, unmet };
    const [estimate] = estimates;
    if (!isTestable || withoutOverlap.length > 0 || unmet.length > 0 || estimate === undefined)
      return { ...found, p: 1 };
    const values = seedValues(results, estimate).map(({ value }) => value);
    return { ...found, values, p: pValue(rule, values) };
  });
}

/** The arms and scorers of a hypothesis and its needs. */
function labelsOf({ estimates, needs }: Hypothesis): Label[] {
  return [...estimates.flatMap(estimateLabels), ...needs.flatMap(needLabels)];
}

/** Whether the results are of exactly the seeds that are registered for a preset. At smoke nothing is ever decided. */
function hasAllSeeds({ seeds }: Registration, results: readonly SeedResult[], preset: Preset): boolean {
  const registered = seeds.test[preset] ?? [];
  return (
    preset !== "smoke" &&
    registered.length > 1 &&
    results.length === registered.length &&
    results.every(({ seed }) => registered.includes(seed))
  );
}

function stanceOf({ ifSupported }: Hypothesis, status: Status): Finding["stance"] {
  if (ifSupported === undefined) return undefined;
  if (status === "supported") return ifSupported;
  if (status === "refuted") return ifSupported === "for" ? "against" : "for";
  return "undecided";
}
