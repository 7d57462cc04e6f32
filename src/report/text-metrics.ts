import * as vega from "vega";
import { textWidth } from "./theme.ts";

/*
 * Vega lays out text by the widths that `textMetrics.width` gives. By default they are 0.8 em per character, or those of
 * the machine's fonts if the optional canvas package is installed. Figures need better estimates that are the same on
 * every machine, and Vega has no option for them but this property of a global object. It is therefore replaced while
 * figures are rendered and restored when the last rendering has ended.
 */

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
}

const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: TextItem, text: string) => number };
};

const estimatedWidth: typeof textMetrics.width = (item, text) =>
  textWidth(text ?? "", item.fontSize ?? 11, item.fontWeight);

let renderings = 0;
let vegaWidth = textMetrics.width;

/** Runs `render` while Vega uses the theme's text widths. Calls may overlap. */
export async function withTextMetrics<T>(render: () => Promise<T>): Promise<T> {
  if (renderings === 0) {
    vegaWidth = textMetrics.width;
    textMetrics.width = estimatedWidth;
  }
  renderings += 1;
  try {
    return await render();
  } finally {
    renderings -= 1;
    if (renderings === 0) textMetrics.width = vegaWidth;
  }
}
