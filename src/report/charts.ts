/*
 * Charts that several experiments draw: functions from rows to Vega-Lite specifications, for `chart`. A new one is a
 * function in the file of its kind. A chart of a single experiment is a function in that experiment's `report.ts`.
 */

export * from "./charts/dot-plots.ts";
export * from "./charts/forest-panels.ts";
export * from "./charts/forest-plots.ts";
export * from "./charts/line-charts.ts";
export * from "./charts/movable.ts";
export * from "./charts/planes.ts";
