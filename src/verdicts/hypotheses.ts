import { mean } from "../evaluation/statistics.ts";
import { estimateSentence } from "../report/estimate-text.ts";
import { amount } from "../report/sentences.ts";
import type { SeedResult } from "../results/collect.ts";
import { styleOf } from "../results/labels.ts";
import { measureNamed, stylesOf, valuesOf } from "../results/measures.ts";
import type { Contrast, Status } from "./contrasts.ts";
import { type Estimated, estimated, estimateName } from "./estimates.ts";
import type { Hypothesis, Need, Registration, Rule } from "./registration.ts";

/** What a registered rule says of one hypothesis. */
export interface Finding {
  readonly hypothesis: Hypothesis;
  readonly status: Status;
  readonly estimates: readonly Estimated[];
  /** The finding in words, all of them derived from the numbers. */
  readonly sentences: readonly string[];
}

/**
 * Judges every hypothesis of a registration by its own rule. Throws where an arm is missing or a result is of a tuning
 * seed.
 */
export function judgeHypotheses(registration: Registration, results: readonly SeedResult[]): Finding[] {
  return registration.hypotheses.map((hypothesis) => judgeHypothesis(registration, hypothesis, results));
}

/** The same for one of its hypotheses. */
export function judgeHypothesis(
  registration: Registration,
  hypothesis: Hypothesis,
  results: readonly SeedResult[],
): Finding {
  const { interval, seeds } = registration;
  const tuned = results.find(({ seed }) => seeds.tuning.includes(seed));
  if (tuned !== undefined) {
    throw new Error(
      `${registration.id} may not be tested on seed ${tuned.seed}: its settings were chosen on it.`,
    );
  }
  const estimates = hypothesis.estimates.map((estimate) => estimated(results, estimate, interval));
  const unmet = hypothesis.needs.flatMap((need) => unmetSentence(results, need, registration));
  const few = results.length < seeds.minimum;
  const status = few || unmet.length > 0 ? "uninformative" : statusBy(hypothesis.rule, estimates);
  return {
    hypothesis,
    status,
    estimates,
    sentences: [
      ...estimates.map((one) => estimateSentence(one, interval.level)),
      ...unmet,
      verdictSentence(hypothesis.rule, estimates, status, {
        few,
        seeds: results.length,
        minimum: seeds.minimum,
      }),
      ...unregisteredSentence(registration, results),
    ],
  };
}

/** What a rule says of intervals alone. */
export function statusBy(rule: Rule, intervals: readonly Pick<Contrast, "low" | "high">[]): Status {
  const all = (test: (interval: Pick<Contrast, "low" | "high">) => boolean) => intervals.every(test);
  const [holds, fails] = tests(rule);
  if (all(holds)) return "supported";
  return intervals.some(fails) ? "refuted" : "not shown";
}

type Test = (interval: Pick<Contrast, "low" | "high">) => boolean;

/** Whether an interval says what the rule asks for, and whether it says the contrary. */
function tests(rule: Rule): [Test, Test] {
  switch (rule.kind) {
    case "superiority":
      return [({ low }) => low > 0, ({ high }) => high < 0];
    case "equivalence":
      return [
        ({ low, high }) => low > -rule.margin && high < rule.margin,
        ({ low, high }) => low > rule.margin || high < -rule.margin,
      ];
    case "non-inferiority":
      return [({ low }) => low > -rule.margin, ({ high }) => high < -rule.margin];
  }
}

/** A rule in words. */
export function ruleText(rule: Rule, unit: string): string {
  switch (rule.kind) {
    case "superiority":
      return "supported where every interval lies above zero, refuted where one lies below, otherwise not shown";
    case "equivalence":
      return `supported where every interval lies within ± ${amount(rule.margin, unit)}, refuted where one lies outside, otherwise not shown`;
    case "non-inferiority":
      return `supported where every interval lies above −${amount(rule.margin, unit)}, refuted where one lies below that, otherwise not shown`;
  }
}

/** A need in words. */
export function needText(need: Need): string {
  const { name, unit } = measureNamed(need.metric);
  const named = (id: string) => styleOf(id, stylesOf(need.metric)).name;
  if ("treatment" in need) return `${named(need.treatment)} above ${named(need.control)} in ${name}`;
  return "below" in need
    ? `${named(need.arm)} below ${amount(need.below, unit)} in ${name}`
    : `${named(need.arm)} above ${amount(need.above, unit)} in ${name}`;
}

/** Says what keeps a hypothesis from being tested, or nothing. */
function unmetSentence(results: readonly SeedResult[], need: Need, { interval }: Registration): string[] {
  const { metric } = need;
  if ("treatment" in need) {
    const one = estimated(results, { metric, treatment: need.treatment, control: need.control }, interval);
    if (one.low > 0) return [];
    return [`The test needs ${needText(need)}: ${estimateSentence(one, interval.level)}`];
  }
  const level = mean(results.map((result) => mean([...valuesOf(result, metric, need.arm)])));
  if ("below" in need ? level < need.below : level > need.above) return [];
  return [`The test needs ${needText(need)}, which is at ${amount(level, measureNamed(metric).unit)}.`];
}

function verdictSentence(
  rule: Rule,
  estimates: readonly Estimated[],
  status: Status,
  { few, seeds, minimum }: { readonly few: boolean; readonly seeds: number; readonly minimum: number },
): string {
  const [holds, fails] = tests(rule);
  const names = (chosen: readonly Estimated[]) =>
    chosen.map(({ estimate }) => estimateName(estimate)).join(" and ");
  switch (status) {
    case "supported":
      return "Supported by the registered rule.";
    case "refuted":
      return `Refuted by the registered rule: ${names(estimates.filter(fails))}.`;
    case "not shown":
      return `Not shown: the rule is not met by ${names(estimates.filter((one) => !holds(one)))}.`;
    case "uninformative":
      return few
        ? `Uninformative: the rule asks for at least ${minimum} seeds and this run has ${seeds}.`
        : "Uninformative: these runs cannot tell, whatever the intervals say.";
  }
}

/** Says so where the seeds are not exactly those registered for a preset. */
function unregisteredSentence({ seeds }: Registration, results: readonly SeedResult[]): string[] {
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b).join(", ");
  const used = sorted(results.map(({ seed }) => seed));
  if (Object.values(seeds.test).map(sorted).includes(used)) return [];
  return [`Exploratory: the seeds (${used}) are not those registered for any preset.`];
}
