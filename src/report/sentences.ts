import { contrastName } from "../results/labels.ts";
import { type Contrast, checkContrasts, type Status, side } from "../verdicts/contrasts.ts";
import { contrastIds, type Prediction } from "../verdicts/predictions.ts";
import { decimals } from "./charts/values.ts";

/** What a number is, and its unit: a `share` is written in percentage points. */
interface Metric {
  readonly name: string;
  readonly unit: string;
}

/** One contrast in a sentence: as `intervalSentence`, by the names of its arms. */
export function contrastSentence(contrast: Contrast, metric: Metric, level: number): string {
  return intervalSentence(contrastName(contrast.id), contrast, metric, level);
}

/**
 * A number with its interval in a sentence: "Online DPO (DPO) − DPO, win rate, greedy decoding: +11.6 points, 95%
 * interval [+9.6, +13.6], 5 seeds: above zero."
 */
export function intervalSentence(
  name: string,
  { mean, low, high, seeds }: Omit<Contrast, "id">,
  { name: metric, unit }: Metric,
  level: number,
): string {
  const number = (value: number) => signed(value, unit);
  const position = { above: "above zero", below: "below zero", across: "zero is not excluded" }[
    side({ low, high })
  ];
  return (
    `${name}, ${metric}: ${number(mean)}${unitWord(unit)}, ` +
    `${Math.round(level * 1000) / 10}% interval [${number(low)}, ${number(high)}], ` +
    `${count(seeds.length, "seed")}: ${position}.`
  );
}

/** An amount with its unit, without a sign: "3 points", "0.15". */
export function amount(value: number, unit: string): string {
  return `${Number((unit === "share" ? 100 * value : value).toFixed(3))}${unitWord(unit)}`;
}

const unitWord = (unit: string) => (unit === "share" ? " points" : unit === "reward" ? "" : ` ${unit}`);

/**
 * The contrasts of a metric that decides nothing, in sentences, then the caution registered with it. Throws
 * where the prediction has no such secondary metric, and as `checkContrasts` does.
 */
export function secondarySentences(
  prediction: Prediction,
  metricId: string,
  contrasts: readonly Contrast[],
): string[] {
  checkContrasts(prediction, contrasts);
  const metric = prediction.secondary.find(({ id }) => id === metricId);
  if (!metric)
    throw new Error(
      `${prediction.id} registers no secondary metric "${metricId}"; ` +
        `it has: ${prediction.secondary.map(({ id }) => id).join(", ") || "none"}.`,
    );
  const sentences = contrasts.map((one) => contrastSentence(one, metric, prediction.interval.level));
  return metric.caution ? [...sentences, metric.caution] : sentences;
}

/** The main contrasts and what they decide. */
export function mainSentences(prediction: Prediction, main: readonly Contrast[], status: Status): string[] {
  return [...contrastSentences(prediction, main), statusSentence(prediction, main, status)];
}

function statusSentence(prediction: Prediction, main: readonly Contrast[], status: Status): string {
  switch (status) {
    case "uninformative": {
      const fewest = Math.min(...main.map(({ seeds }) => seeds.length));
      const minimum = count(prediction.seeds.minimum, "seed");
      return `Uninformative: the rule asks for at least ${minimum} and this run has ${fewest}, so it decides nothing.`;
    }
    case "supported":
      return `Supported: ${main.length === 1 ? "the interval lies" : "every interval lies"} above zero.`;
    case "refuted":
      return `Refuted: below zero ${lies(main.filter((one) => side(one) === "below"))}.`;
    case "not shown":
      return `Not shown: zero is not excluded for ${names(main.filter((one) => side(one) === "across"))}.`;
  }
}

/** The robustness contrasts and what they decide; nothing where the main question has no answer. */
export function robustnessSentences(
  prediction: Prediction,
  measured: readonly Contrast[],
  status: Status,
  robust: boolean | undefined,
): string[] {
  const wanted = contrastIds(prediction).robustness;
  if (wanted.length === 0 || status === "uninformative") return contrastSentences(prediction, measured);
  return [
    ...contrastSentences(prediction, measured),
    robustnessSentence(prediction, wanted, measured, robust),
  ];
}

function robustnessSentence(
  prediction: Prediction,
  wanted: readonly string[],
  measured: readonly Contrast[],
  robust: boolean | undefined,
): string {
  const missing = wanted.filter((id) => !measured.some((contrast) => contrast.id === id));
  if (missing.length > 0)
    return `Robustness to offline epochs is not judged: there is no interval for ${missing.map((id) => contrastName(id)).join(" or ")}.`;
  if (robust === undefined)
    return `Robustness to offline epochs is not judged: it asks for at least ${count(prediction.seeds.minimum, "seed")}.`;
  if (robust) return "Robust to offline epochs: these intervals lie above zero too.";
  const failing = measured.filter((one) => side(one) !== "above");
  if (failing.length === 0) return "Not robust to offline epochs: the claim itself is not supported.";
  return `Not robust to offline epochs: not above zero ${failing.length === 1 ? "is" : "are"} ${names(failing)}.`;
}

/** Says so where the seeds are not exactly those registered for a preset. */
export function seedSentences(prediction: Prediction, main: readonly Contrast[]): string[] {
  const sorted = (seeds: readonly number[]) => [...seeds].sort((a, b) => a - b).join(", ");
  const used = [...new Set(main.map(({ seeds }) => sorted(seeds)))];
  const registered = Object.values(prediction.seeds.test).map(sorted);
  if (used.length === 1 && registered.includes(used[0]!)) return [];
  return [
    `Exploratory: the seeds (${used.join("; ")}) are not those registered for any preset ` +
      `(${Object.keys(prediction.seeds.test).join(", ")}).`,
  ];
}

function contrastSentences({ metric, interval }: Prediction, contrasts: readonly Contrast[]): string[] {
  return contrasts.map((contrast) => contrastSentence(contrast, metric, interval.level));
}

const names = (contrasts: readonly Contrast[]) => contrasts.map(({ id }) => contrastName(id)).join(" and ");
const lies = (contrasts: readonly Contrast[]) =>
  contrasts.length === 1
    ? `lies the interval of ${names(contrasts)}`
    : `lie the intervals of ${names(contrasts)}`;
const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** A difference with its sign, in points for shares; as many digits as it takes not to round it to zero. */
export function signed(value: number, unit: string): string {
  const [shown, digits] = unit === "share" ? [100 * value, 1] : [value, 3];
  const needed = shown === 0 ? digits : Math.max(digits, -Math.floor(Math.log10(Math.abs(shown) * 2)));
  return decimals(shown, Math.min(needed, 20), true);
}
