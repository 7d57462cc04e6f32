import { visibleText } from "../files/visible-text.ts";
import { display, type MimeBundle } from "./display.ts";

/** HTML that a notebook shows. */
export interface Html {
  [display](): MimeBundle;
}

/** `source` for `show` or as the last expression of a cell, and `text` for viewers that show no HTML. */
export function html(source: string, text: string): Html {
  return { [display]: () => ({ "text/html": source, "text/plain": visibleText(text) }) };
}

/** Text from data for a place in HTML, also within an attribute's quotes. Characters that are not seen are shown as escapes. */
export function escapeHtml(text: string): string {
  return visibleText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
