/** The report's figures: pure functions from plain rows to Vega-Lite specifications, to be given to `chart`. */

export {
  type CoverageRow,
  classSizeChart,
  complexityChart,
  coverageChart,
  dataChart,
} from "../experiments/theory/charts.ts";
export { type BestOfN, type BestOfNOptions, bestOfNChart } from "./charts/best-of-n.ts";
export { type EstimatesOptions, estimatesChart } from "./charts/estimates.ts";
export { type FrontierValue, frontierChart } from "./charts/frontier.ts";
export {
  type ContrastInterval,
  type ContrastValue,
  type PairedDifferencesOptions,
  pairedDifferencesChart,
} from "./charts/paired-differences.ts";
export { type PlaneOptions, type PlanePoint, planeChart } from "./charts/plane.ts";
export { projectionsChart } from "./charts/projections.ts";
export { type Sharpness, type SharpnessOptions, sharpnessChart } from "./charts/sharpness.ts";
export {
  type MetricValue,
  type TrainingCurvesOptions,
  trainingCurvesChart,
} from "./charts/training-curves.ts";
export { type TrendOptions, type TrendPoint, trendChart } from "./charts/trend.ts";
export { type VerdictEffect, verdictsChart } from "./charts/verdicts.ts";
export { type ArmInterval, type ArmValue, type WinRateOptions, winRateChart } from "./charts/win-rate.ts";
