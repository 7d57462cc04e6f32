/** The vega with which charts are drawn in folders that have none. It is loaded with the first such chart. */
export * as vega from "vega";
export * as vegaLite from "vega-lite";
