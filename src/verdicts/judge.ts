import { checkNumbers } from "../evaluation/checks.ts";
import type { SeedResult } from "../results/collect.ts";
import { missingLabels } from "../results/measures.ts";
import { estimated, estimateLabels, isMeasured } from "./estimates.ts";
import type { Finding } from "./finding.ts";
import { type Circumstances, judgeTests } from "./judge-tests.ts";
import { needLabels, unmetNeed } from "./needs.ts";
import type { ExactHypothesis, ExactRegistration, Hypothesis, Registration } from "./registration.ts";
import { decide, type Status, satisfies } from "./rules.ts";

/**
 * Judges every hypothesis of a registration by its rule, with Student's t as `judgeTests` does. Uninformative if there are
 * too few seeds, a need is not met or an arm or scorer is missing. Throws if one is not in the plan or a result is of a
 * tuning seed.
 */
export function judge(
  registration: Registration,
  results: readonly SeedResult[],
  circumstances: Circumstances = {},
): Finding[] {
  checkSeeds(registration, results);
  if (registration.interval.method === "student t") return judgeTests(registration, results, circumstances);
  const findings: Finding[] = [];
  for (const hypothesis of registration.hypotheses) {
    const strengthened = findings.find((one) => one.hypothesis.id === hypothesis.strengthens);
    findings.push(judgeHypothesis(registration, hypothesis, results, strengthened));
  }
  return findings;
}

function checkSeeds({ id, seeds }: Registration, results: readonly SeedResult[]): void {
  const used = results.map(({ seed }) => seed);
  const tuned = used.find((seed) => seeds.tuning.includes(seed));
  if (tuned !== undefined)
    throw new Error(`${id} may not be tested on seed ${tuned}: its settings were chosen on it.`);
  const twice = used.find((seed, index) => used.indexOf(seed) !== index);
  if (twice !== undefined)
    throw new Error(`The results of ${id} have seed ${twice} twice: give each seed once.`);
}

function judgeHypothesis(
  registration: Registration,
  hypothesis: Hypothesis,
  results: readonly SeedResult[],
  strengthened: Finding | undefined,
): Finding {
  const { interval, seeds } = registration;
  const labels = [...hypothesis.estimates.flatMap(estimateLabels), ...hypothesis.needs.flatMap(needLabels)];
  const missing = missingLabels(results, labels);
  const estimates = hypothesis.estimates
    .filter((one) => isMeasured(results, one))
    .map((one) => estimated(results, one, interval));
  const unmet =
    missing.length > 0 ? [] : hypothesis.needs.flatMap((need) => unmetNeed(need, results, registration));
  const testable = results.length >= (seeds.minimum ?? 0) && missing.length === 0 && unmet.length === 0;
  const own = testable ? decide(hypothesis.rule, estimates) : "uninformative";
  return {
    registration,
    hypothesis,
    status: strengthened === undefined ? own : strengtheningStatus(own, strengthened.status),
    estimates,
    level: interval.level,
    unmet,
    missing,
    strengthened,
    seeds: results.map(({ seed }) => seed),
  };
}

/** The status of a hypothesis that strengthens another; see `Hypothesis.strengthens`. */
function strengtheningStatus(own: Status, other: Status): Status {
  if (own === "uninformative" || other === "uninformative") return "uninformative";
  return own === "supported" && other === "supported" ? "supported" : "not shown";
}

/** What was found of one hypothesis about exact values. */
export interface ExactFinding {
  readonly hypothesis: ExactHypothesis;
  readonly status: Status;
  /** The value nearest to the bound, or furthest beyond it. */
  readonly extreme: number;
  readonly instances: number;
  /** Instances beyond the bound. */
  readonly beyond: number;
}

/**
 * Judges each hypothesis that is a key of `values` by its values, one per instance, in the order of registration. Throws
 * if a key is not registered, a list is empty, or a value is not finite.
 */
export function judgeExact(
  registration: ExactRegistration,
  values: Readonly<Record<string, readonly number[]>>,
): ExactFinding[] {
  const { id, hypotheses } = registration;
  const known = hypotheses.map((one) => one.id);
  const unknown = Object.keys(values).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Error(`${id} registers no hypothesis "${unknown}"; it has: ${known.join(", ")}.`);
  return hypotheses.flatMap((hypothesis) => {
    const own = values[hypothesis.id];
    return own === undefined ? [] : [exactFinding(hypothesis, own)];
  });
}

function exactFinding(hypothesis: ExactHypothesis, values: readonly number[]): ExactFinding {
  checkNumbers(`The instances of ${hypothesis.id}`, values);
  const { rule } = hypothesis;
  const exact = values.map((value) => ({ low: value, high: value }));
  const furthest = rule.side === "at most" ? Math.max : Math.min;
  return {
    hypothesis,
    status: decide(rule, exact),
    extreme: values.reduce((one, other) => furthest(one, other)),
    instances: values.length,
    beyond: exact.filter((one) => !satisfies(rule, one)).length,
  };
}
