import type { Status } from "../../verdicts/rules.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { forest } from "./forest.ts";
import type { Titles } from "./titles.ts";
import { decimals, requireNumbers, requireRows } from "./values.ts";

/** A difference in win rate with its interval, the hypothesis that it decides, and what was decided. */
export interface VerdictEffect {
  readonly group: string;
  readonly status: Status;
  readonly effect: {
    readonly name: string;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  };
}

/** Told apart without colour as well: the note names the verdict. */
const COLOURS: Readonly<Record<Status, string>> = {
  supported: "#00966e",
  refuted: "#b03a00",
  "not shown": "#005a9c",
  uninformative: "#707070",
};

/** Every registered difference in win rate as one forest plot, by hypothesis, coloured by the verdict. */
export function verdictsChart(effects: readonly VerdictEffect[], titles: Titles = {}): VegaLiteSpec {
  const chart = "verdictsChart";
  requireRows(chart, "effects", effects);
  const intervals = effects.map(({ effect }) => effect);
  requireNumbers(chart, intervals, ["mean", "low", "high"]);
  const points = (value: number) => decimals(100 * value, 1, true);
  const rows = effects.map(({ group, status, effect: { name, mean, low, high } }) => ({
    name: [group, ...twoLines(name)],
    note: `${points(mean)} [${points(low)}, ${points(high)}], ${status}`,
    colour: COLOURS[status],
    mean: 100 * mean,
    low: 100 * low,
    high: 100 * high,
    points: [],
  }));
  return forest(rows, {
    title: titles.title ?? "Every registered difference in win rate",
    subtitle:
      titles.subtitle ??
      "Dot and bar: mean and 95% interval. The colour is the verdict, which the note names.",
    axisTitle: "Difference in win rate, percentage points",
    references: [{ value: 0, label: "no difference", strong: true }],
    description: `Differences in win rate, mean and 95% interval: ${rows
      .map(({ name, note }) => `${name.join(" ")} ${note}`)
      .join("; ")}.`,
  });
}

const WIDEST = 44;

/** A long name cut at the space nearest before its middle. */
function twoLines(name: string): string[] {
  if (name.length <= WIDEST) return [name];
  const at = name.lastIndexOf(" ", Math.ceil(name.length / 2) + 6);
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)];
}
