import { CONTENT, SMALL, wrap } from "../theme.ts";

export interface Titles {
  /** The heading drawn above the figure. */
  readonly title?: string;
  /** A quieter line below it. */
  readonly subtitle?: string;
}

/** A figure's heading as Vega-Lite's title, broken into lines that fit its width. */
export function heading(titles: Titles): object {
  return {
    text: titles.title ? wrap(titles.title, CONTENT, 16, 600) : "",
    ...(titles.subtitle ? { subtitle: wrap(titles.subtitle, CONTENT, SMALL) } : {}),
  };
}
