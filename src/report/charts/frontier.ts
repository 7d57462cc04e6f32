import { sideBySide, sortByLabel, styleOf } from "../../results/labels.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { curvesChart } from "./curves.ts";
import type { Titles } from "./titles.ts";
import { decimals, groupBy, mean, niceScale, requireNumbers, requireRows } from "./values.ts";

/** One arm on one seed at one temperature; 0 is greedy decoding, whose entropy is 0. */
export interface FrontierValue {
  readonly arm: string;
  readonly seed: number;
  readonly temperature: number;
  /** In nats per decided token. */
  readonly entropy: number;
  readonly reward: number;
}

/**
 * Gold reward against entropy as the temperature falls to greedy decoding: one curve per arm, each point a temperature,
 * every seed thin behind it. Where one curve lies above another at the same entropy, the policy knows more; along a
 * curve it is only sharper. Throws where a number is missing.
 */
export function frontierChart(rows: readonly FrontierValue[], options: Titles = {}): VegaLiteSpec {
  requireRows("frontierChart", "rows", rows);
  requireNumbers("frontierChart", rows, ["seed", "temperature", "entropy", "reward"]);
  const byArm = groupBy(rows, ({ arm }) => arm);
  const names = sideBySide([...byArm.keys()]);
  const curves = sortByLabel(byArm.keys()).map((arm) => {
    const own = [...byArm.get(arm)!].sort((a, b) => a.temperature - b.temperature);
    const points = (some: readonly FrontierValue[]) =>
      some.map(({ entropy, reward }) => ({ x: entropy, y: reward }));
    const atOneTemperature = [...groupBy(own, ({ temperature }) => temperature).values()];
    const { colour, ink } = styleOf(arm);
    return {
      name: names.get(arm)!,
      colour,
      ink,
      points: atOneTemperature.map((some) => ({
        x: mean(some.map(({ entropy }) => entropy)),
        y: mean(some.map(({ reward }) => reward)),
      })),
      draws: [...groupBy(own, ({ seed }) => seed).values()].map(points),
    };
  });
  const { ticks } = niceScale(rows.map(({ entropy }) => entropy));
  const furthest = Math.max(...rows.map(({ entropy }) => entropy));
  return curvesChart([{ curves }], {
    title: options.title ?? "Reward against entropy",
    subtitle:
      options.subtitle ??
      "Gold reward, from greedy decoding at the left to T = 1 at the right end of each curve. Thin lines: single seeds.",
    description: `Gold reward, greedy and at T = 1 with its entropy: ${curves
      .map(({ name, points }) => {
        const [greedy, sampled] = [points[0]!, points.at(-1)!];
        return `${name} ${decimals(greedy.y, 2)}, ${decimals(sampled.y, 2)} at ${decimals(sampled.x, 2)} nats`;
      })
      .join("; ")}.`,
    xTitle: "Entropy, nats per decided token",
    ticks: ticks.filter((tick) => tick <= furthest),
    dots: true,
    height: 300,
  });
}
