import { display, type MimeBundle } from "./display.ts";

/** Markdown that a notebook shows as formatted text. */
export interface Markdown {
  [display](): MimeBundle;
}

/** `text` for `show` or as the last expression of a cell. */
export function markdown(text: string): Markdown {
  return { [display]: () => ({ "text/markdown": text, "text/plain": text }) };
}

/**
 * A table in Markdown. The first column is aligned to the left, the others as `numbers` says. Bars in cells are escaped.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: "left" | "right" = "left",
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 || numbers === "left" ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
