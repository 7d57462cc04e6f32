import { legendPanel } from "../../report/charts/legend.ts";
import { placeOf, type Slider, sliderParams } from "../../report/charts/sliders.ts";
import { heading } from "../../report/charts/titles.ts";
import { decimals, requireRows } from "../../report/charts/values.ts";
import { atBothWidths, type Layout } from "../../report/layout.ts";
import { INK, PAPER, QUIET, SMALL, type VegaLiteSpec, wrap } from "../../report/theme.ts";
import type { CoverageOptima } from "../../theory/partial-coverage.ts";

const METHODS = [
  { key: "dpo", name: "DPO", colour: "#005a9c", ink: "#005a9c", dash: [8, 3] },
  { key: "rlhf", name: "RLHF", colour: "#b03a00", ink: "#b03a00", dash: [] },
] as const;
const COMPLETIONS = ["ξ1, preferred", "ξ2", "ξ3, rarely seen"];

/** Where the sliders of `massChart` are at first. */
export interface MassStart {
  readonly coverage: number;
  readonly beta: number;
}

/**
 * Where DPO and RLHF put their probability in the example of partial coverage, with sliders for the coverage of ξ3 and for
 * β: both policies as bars, and their probability of ξ3 at every coverage. Throws if there are no rows, or none at `start`.
 */
export function massChart(
  rows: readonly CoverageOptima[],
  start: MassStart = { coverage: 0.02, beta: 0.5 },
): VegaLiteSpec {
  requireRows("massChart", "rows", rows);
  const coverages = rows.map(({ coverage }) => coverage);
  const betas = rows.map(({ beta }) => beta);
  const sliders: readonly Slider[] = [
    { name: "coverage", label: "Coverage: π_ref(ξ3)", places: coverages, start: start.coverage },
    { name: "beta", label: "β", places: betas, start: start.beta },
  ];
  const [coverageSlider, betaSlider] = sliders as readonly [Slider, Slider];
  const shown = rows.find((row) => row.coverage === start.coverage && row.beta === start.beta);
  const params = sliderParams(sliders);
  const mass = (row: CoverageOptima | undefined, key: "dpo" | "rlhf") =>
    row?.[key].map((p) => decimals(p, 2)).join(", ") ?? "unknown";
  const text = {
    title: "DPO's mass goes where the data are silent",
    subtitle:
      "Exact optima. Comparisons are of samples of π_ref, which writes ξ3 with the probability called coverage; ξ1 is worth 1, the others 0.",
    description:
      `Probabilities of ξ1, ξ2 and ξ3 at coverage ${start.coverage} and β = ${start.beta}: ` +
      `DPO ${mass(shown, "dpo")}; RLHF ${mass(shown, "rlhf")}.`,
  };
  const short = (p: number) => Number(p.toFixed(4));
  const table = rows.map(({ coverage, beta, dpo, rlhf }) => ({
    c: coverage,
    b: beta,
    dpo: dpo.map(short),
    rlhf: rlhf.map(short),
  }));
  const atBeta = `datum.b === ${placeOf(betaSlider)}`;
  const atBoth = `${atBeta} && datum.c === ${placeOf(coverageSlider)}`;
  return atBothWidths((layout) => {
    const bars = barsPanel(table, atBoth, layout);
    const curves = curvesPanel(table, { atBeta, atBoth, last: Math.max(...coverages) }, layout);
    const legend = legendPanel(METHODS, layout.width - EXTENT - 12, EXTENT);
    const panels = layout.narrow ? [bars, curves] : [{ spacing: 28, hconcat: [bars, curves] }];
    return {
      title: heading(text, layout),
      description: text.description,
      params,
      spacing: 14,
      vconcat: [legend, ...panels],
    };
  });
}

const HEIGHT = 220;
const EXTENT = 34;

const probabilityAxis = (title: string) => ({
  values: [0, 0.2, 0.4, 0.6, 0.8, 1],
  format: "~g",
  ticks: false,
  title,
  titleAngle: 0,
  titleAlign: "left",
  titleAnchor: "end",
  titleBaseline: "bottom",
  titleX: -EXTENT,
  titleY: -9,
  minExtent: EXTENT,
  maxExtent: EXTENT,
});

const panelWidth = ({ narrow, width }: Layout) =>
  narrow ? width - EXTENT - 12 : (width - 28) / 2 - EXTENT - 8;

/** The policies of both methods at the sliders' places, as bars with their numbers. */
function barsPanel(table: readonly object[], filter: string, layout: Layout): object {
  const width = panelWidth(layout);
  const group = width / COMPLETIONS.length;
  const bar = Math.min(44, group / 2 - 8);
  const pixels = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
  const y = {
    field: "p",
    type: "quantitative",
    scale: { domain: [0, 1], nice: false },
    axis: probabilityAxis("Probability at the sliders' places"),
  };
  const ofMethod = METHODS.flatMap(({ key, colour, ink }, method) => {
    const centre = (method === 0 ? -1 : 1) * (bar / 2 + 2);
    const chosen = {
      data: { values: table },
      transform: [
        { filter },
        { flatten: [key], as: ["p"] },
        { window: [{ op: "row_number", as: "completion" }] },
        { calculate: `${group} * (datum.completion - 0.5) + ${centre}`, as: "x" },
        { calculate: "format(datum.p, '.2f')", as: "text" },
      ],
    };
    return [
      { ...chosen, mark: { type: "bar", width: bar, color: colour }, encoding: { x: pixels("x"), y } },
      {
        ...chosen,
        mark: { type: "text", baseline: "bottom", dy: -4, fontSize: SMALL, color: ink },
        encoding: { x: pixels("x"), y, text: { field: "text", type: "nominal" } },
      },
    ];
  });
  const names = COMPLETIONS.map((name) => wrap(name, group - 4, SMALL));
  const rows = Math.max(...names.map(({ length }) => length));
  const nameLayers = Array.from({ length: rows }, (_, row) => ({
    data: { values: names.flatMap((lines, at) => ({ line: lines[row] ?? "", x: group * (at + 0.5) })) },
    mark: { type: "text", baseline: "top", fontSize: SMALL, color: INK },
    encoding: {
      x: pixels("x"),
      y: { value: HEIGHT + 8 + 16 * row },
      text: { field: "line", type: "nominal" },
    },
  }));
  return { width, height: HEIGHT, layer: [...ofMethod, ...nameLayers] };
}

/** Each method's probability of ξ3 by coverage at the chosen β, with the chosen coverage marked. */
function curvesPanel(
  table: readonly object[],
  { atBeta, atBoth, last }: { readonly atBeta: string; readonly atBoth: string; readonly last: number },
  layout: Layout,
): object {
  const x = {
    field: "c",
    type: "quantitative",
    scale: { domain: [0, last], nice: false },
    axis: { grid: false, format: "~g", tickCount: 4, title: "Coverage: π_ref(ξ3)", titleAnchor: "start" },
  };
  const y = {
    field: "p",
    type: "quantitative",
    scale: { domain: [0, 1], nice: false },
    axis: probabilityAxis("Probability of ξ3 at this β"),
  };
  const unseen = (key: string, filter: string) => ({
    data: { values: table },
    transform: [{ filter }, { calculate: `datum.${key}[2]`, as: "p" }],
  });
  return {
    width: panelWidth(layout),
    height: HEIGHT,
    layer: [
      {
        ...unseen("dpo", atBoth),
        mark: { type: "rule", color: QUIET, strokeWidth: 1, strokeDash: [4, 3] },
        encoding: { x },
      },
      ...METHODS.map(({ key, colour, dash }) => ({
        ...unseen(key, atBeta),
        mark: { type: "line", strokeWidth: 2.4, strokeDash: dash, color: colour },
        encoding: { x, y },
      })),
      ...METHODS.map(({ key, colour }) => ({
        ...unseen(key, atBoth),
        mark: {
          ...{ type: "point", shape: "circle", size: 130, filled: true, opacity: 1 },
          ...{ fill: colour, stroke: PAPER, strokeWidth: 2 },
        },
        encoding: { x, y },
      })),
    ],
  };
}
