/* Win rates, best of N, accuracy of scorers, and intervals. */
export { type BestOfNOptions, bestOfN } from "./best-of-n.ts";
export { type BootstrapOptions, type PairedInterval, pairedHierarchicalBootstrap } from "./bootstrap.ts";
export { type LengthControl, lengthControl } from "./length-control.ts";
export { type PairStatistics, pairStatistics } from "./pair-statistics.ts";
export { type Interval, mean, sampleSd, tInterval, wilson } from "./statistics.ts";
export { meanProbability, pairwiseAccuracy } from "./verification.ts";
export { type WinRate, type WinRateOptions, winRate } from "./win-rate.ts";
