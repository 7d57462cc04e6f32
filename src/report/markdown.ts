import { visibleText } from "../files/visible-text.ts";
import { display, type MimeBundle } from "./display.ts";

/** Markdown that a notebook shows as formatted text. */
export interface Markdown {
  [display](): MimeBundle;
}

/** `text` for `show` or as the last expression of a cell. Characters that are not seen are shown as escapes. */
export function markdown(text: string): Markdown {
  const shown = visibleText(text);
  return { [display]: () => ({ "text/markdown": shown, "text/plain": shown }) };
}

/** What a backslash cannot escape everywhere: in tables, and where mathematics is looked for in the finished page. */
const ENCODED: ReadonlyMap<string, string> = new Map([
  ["|", "&#124;"],
  ["\\", "<span>&#92;</span>"],
  ["$", "<span>&#36;</span>"],
]);

/**
 * Text from data for a place within a line of Markdown, such as a name or a sentence of a registration: what would be
 * markup, a link or mathematics is shown as it is, line breaks become spaces, and characters that are not seen are shown
 * as escapes.
 */
export function escapeMarkdown(text: string): string {
  return visibleText(text)
    .replace(/[ \t\r\n]+/g, " ")
    .trim()
    .replace(
      /[\\`*_[\]<>&~#@|$]|:(?=\/\/)|(?<=\bwww)\./gi,
      (character) => ENCODED.get(character) ?? `\\${character}`,
    )
    .replace(/^[-+=:](?=[-=\s]|$)|(?<=^\d+)[.)](?=\s|$)/, "\\$&");
}

/**
 * A table in Markdown. The first column is aligned to the left, the others as `numbers` says. Cells are Markdown, whose
 * bars are escaped and whose line breaks become spaces.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: "left" | "right" = "left",
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ")).join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 || numbers === "left" ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
