import { expect, test } from "vitest";
import {
  classSizeChart,
  complexityChart,
  coverageChart,
  dataChart,
  projectionsChart,
} from "../../../src/experiments/theory/charts.ts";
import { massChart } from "../../../src/experiments/theory/mass-chart.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import { errorsByData, gapsByClassSize } from "../../../src/theory/class-size.ts";
import { complexityByHorizon, treeTolerance } from "../../../src/theory/complexity.ts";
import { counterexampleRlhf } from "../../../src/theory/counterexample.ts";
import { forwardProjection, gaussian, reverseProjection, twoModes } from "../../../src/theory/gaussians.ts";
import { coverageGrid } from "../../../src/theory/partial-coverage.ts";
import { testFigure } from "../../report/charts/figure.ts";

const coverage = [0.05, 0.5, 1, 20].map((beta) => ({ beta, probabilities: counterexampleRlhf(beta) }));
const target = twoModes({ tokens: 41, weight: 0.6, centres: [12, 30], width: 2 });
testFigure("the chart of class sizes", classSizeChart(gapsByClassSize(1, 3)));
testFigure("the chart of data", dataChart(errorsByData(1, 3, [1, 16, Infinity])));
testFigure("the coverage chart", coverageChart(coverage));
testFigure("the chart of DPO's mass", massChart(coverageGrid([0, 0.02, 0.3], [0.5, 1])));
testFigure(
  "the chart of projections",
  projectionsChart(target, forwardProjection(target), reverseProjection(target)),
);
testFigure(
  "the complexity chart",
  complexityChart(complexityByHorizon("goal"), complexityByHorizon("slope"), treeTolerance),
);

type Layer = { data: { values: Record<string, unknown>[] }; mark: { type: string; strokeWidth?: number } };
const panels = (spec: VegaLiteSpec) => (spec.vconcat ?? [spec]) as { layer: Layer[] }[];
const heavy = (spec: VegaLiteSpec, panel = 0) =>
  panels(spec)
    [panel]!.layer.filter(({ mark }) => mark.strokeWidth === 2.4)
    .flatMap(({ data }) => data.values);
const names = (spec: VegaLiteSpec) =>
  panels(spec)[0]!
    .layer.at(-1)!
    .data.values.map(({ name }) => name);

const gap = (draw: number, features: number, value: number) => ({
  draw,
  features,
  gap: value,
  rlhfError: 2 * value,
  offlineError: 0.5,
});

test("the reward class's curves are means over draws", () => {
  const sizes = [1, 4, 15];
  const spec = classSizeChart(
    [0, 1].flatMap((draw) => sizes.map((size) => gap(draw, size, (draw + 1) / size))),
  );
  expect(names(spec)).toEqual(["RLHF to offline", "RLHF", "offline MLE"]);
  expect(
    heavy(spec)
      .slice(0, 3)
      .map(({ y }) => y),
  ).toEqual([1.5, 0.375, 0.1]);
  expect(spec.description).toBe(
    "Mean total variation with 1 feature: RLHF to offline 1.5, RLHF 3, offline MLE 0.5; " +
      "with 4: RLHF to offline 0.375, RLHF 0.75, offline MLE 0.5; with 15: RLHF to offline 0.1, RLHF 0.2, offline MLE 0.5.",
  );
  expect(() => classSizeChart([])).toThrow("classSizeChart: `rows` is empty");
});

test("rows with infinitely many comparisons are not drawn", () => {
  const rows = [1, 16, Infinity].map((times) => ({
    draw: 0,
    times,
    rlhfError: 1 / times,
    offlineError: 2 / times,
  }));
  const spec = dataChart(rows);
  expect(heavy(spec)).toHaveLength(4);
  expect(spec.description).toContain("with 16: RLHF, simple 0.0625, offline MLE 0.125");
  expect(() => dataChart(rows.slice(2))).toThrow("dataChart: `rows` is empty");
});

test("the coverage figure has a curve for each completion", () => {
  const spec = coverageChart([
    { beta: 0.1, probabilities: [0.9, 0.1, 0] },
    { beta: 10, probabilities: [0.6, 0.4, 0] },
  ]);
  expect(names(spec)).toEqual(["ξ1, preferred", "ξ2", "ξ3, unseen"]);
  expect(heavy(spec).map(({ y }) => y)).toEqual([0.9, 0.6, 0.1, 0.4, 0, 0]);
  expect(spec.description).toContain("at β = 10: ξ1, preferred 0.6, ξ2 0.4, ξ3, unseen 0");
});

test("the complexity figure has a panel for each reward", () => {
  const row = (horizon: number, rewardLeaves: number, policyLeaves: number) => ({
    horizon,
    rewardLeaves,
    policyLeaves,
    qLeaves: 0,
    policyValues: 0,
    rewardStates: 0,
    qStates: 0,
    policyStates: 0,
  });
  const spec = complexityChart([row(1, 2, 3), row(8, 4, 50)], [row(1, 5, 6), row(8, 7, 8)], 0.1);
  expect(heavy(spec, 0).map(({ y }) => y)).toEqual([3, 50, 2, 4]);
  expect(heavy(spec, 1).map(({ y }) => y)).toEqual([6, 8, 5, 7]);
  expect(spec.description).toMatch(
    /horizon 8\. Leaves: reward for ending at a goal: policy 50, reward 4\..*policy 8, reward 7\.$/,
  );
});

test("each projection is named where it is highest above the others", () => {
  const projection = (centre: number, width: number) => ({
    centre,
    width,
    divergence: 0.1,
    logps: gaussian(41, centre, width),
  });
  const spec = projectionsChart(gaussian(41, 30, 3), projection(20, 8), projection(8, 2));
  const labels = (spec.layer as Layer[]).at(-1)!.data.values;
  expect(labels.map(({ name }) => name)).toEqual(["target", "forward KL", "reverse KL"]);
  expect(labels[0]!.x).toBeCloseTo(30, 0);
  expect(labels[2]!.x).toBeCloseTo(8, 0);
  expect(spec.description).toContain("Forward KL: centre 20.0, width 8.0, 0.100 nats.");
  const broken = { ...projection(8, 2), logps: new Array(41).fill(Number.NaN) };
  expect(() => projectionsChart(gaussian(41, 30, 3), projection(20, 8), broken)).toThrow(
    "finite number as `y`",
  );
});

test("the chart of DPO's mass starts at a coverage and β of its rows", () => {
  const rows = coverageGrid([0, 0.1], [1]);
  expect(massChart(rows, { coverage: 0.1, beta: 1 }).description).toMatch(
    /^Probabilities of ξ1, ξ2 and ξ3 at coverage 0\.1 and β = 1: DPO 0\.33, 0\.36, 0\.31; RLHF 0\.69, 0\.25, 0\.06\.$/,
  );
  expect(() => massChart(rows)).toThrow('The slider "Coverage: π_ref(ξ3)" starts at 0.02');
  expect(() => massChart([])).toThrow("massChart: `rows` is empty");
});
