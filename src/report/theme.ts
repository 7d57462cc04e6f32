import { isPlainObject, mergeObjects } from "../files/plain-object.ts";

/** A Vega-Lite 5 specification as plain JSON. */
export type VegaLiteSpec = { readonly [key: string]: unknown };

/** The font stack of figures. */
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** The colour of text. */
export const INK = "#1c1c1c";
/** The colour of secondary text. */
export const QUIET = "#5a5a5a";
/** The colour of grid lines. */
export const HAIRLINE = "#e4e4e4";
/** The colour of the card, and of the rim around dots. */
export const PAPER = "#ffffff";
/** The distance of a figure's content from the edge of its card, in pixels. */
export const PADDING = 8;
/** Font size of text, in pixels. */
export const TEXT = 14;
/** Font size of axis labels and notes, in pixels. */
export const SMALL = 13;

/** The Vega-Lite configuration of every figure: grey axes, dark text. */
export const theme = {
  background: PAPER,
  padding: PADDING,
  font: FONT,
  aria: false,
  view: { stroke: null },
  axis: {
    domain: false,
    gridColor: HAIRLINE,
    tickColor: "#b5b5b5",
    labelColor: QUIET,
    labelFontSize: SMALL,
    labelPadding: 5,
    labelFlush: false,
    titleColor: QUIET,
    titleFontSize: SMALL,
    titleFontWeight: 400,
    titlePadding: 8,
  },
  title: {
    anchor: "start",
    frame: "bounds",
    color: INK,
    fontSize: 16,
    fontWeight: 600,
    lineHeight: 20,
    offset: 14,
    subtitleColor: QUIET,
    subtitleFontSize: SMALL,
    subtitleLineHeight: 17,
    subtitlePadding: 4,
  },
  legend: { labelFontSize: SMALL, titleFontSize: SMALL, labelColor: QUIET, titleColor: QUIET },
} as const;

/** `spec` with the theme as its configuration; the specification's own configuration takes precedence. */
export function themed(spec: VegaLiteSpec): VegaLiteSpec {
  const own = isPlainObject(spec.config) ? spec.config : {};
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    ...spec,
    config: mergeObjects(theme, own),
  };
}

/** Advance widths of a common sans-serif in thousandths of an em, by group of characters. */
const WIDTHS: readonly (readonly [string, number])[] = [
  ["ijl'|", 240],
  ["ftI.,:;!/\\ []·", 300],
  ['r()-"`{}', 360],
  ["sckvxyzJ", 520],
  ["+−<>=~→←≥≤", 640],
  ["ABEKPSVXYFTZL&", 690],
  ["wCDHNRU", 740],
  ["GOQ", 800],
  ["mMW%@", 930],
];
const ADVANCE = new Map(
  WIDTHS.flatMap(([characters, width]) => [...characters].map((character) => [character, width] as const)),
);

/** The estimated width in pixels of one line of text at `size` pixels, in a common sans-serif. */
export function textWidth(text: string, size: number, weight: number | string = 400): number {
  const bold = weight === "bold" || Number(weight) >= 600 ? 1.06 : 1;
  let thousandths = 0;
  for (const character of text) thousandths += ADVANCE.get(character) ?? 580;
  return (thousandths * size * bold) / 1000;
}

/** `text` broken at spaces into lines of at most `width` pixels; longer words are not broken. */
export function wrap(text: string, width: number, size: number, weight: number | string = 400): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size, weight) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
