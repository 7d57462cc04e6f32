import type { Layout } from "../layout.ts";
import { SMALL, wrap } from "../theme.ts";

/** The text above a figure; in a report, its caption. */
export interface Titles {
  /** The heading drawn above the figure. */
  readonly title?: string;
  /** A smaller line below it. */
  readonly subtitle?: string;
}

/** Title and subtitle for Vega-Lite, broken into lines that fit the figure's width. */
export function heading(titles: Titles, { width }: Layout): object {
  return {
    text: titles.title ? wrap(titles.title, width, 16, 600) : "",
    ...(titles.subtitle ? { subtitle: wrap(titles.subtitle, width, SMALL) } : {}),
  };
}
