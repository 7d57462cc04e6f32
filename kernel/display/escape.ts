import { visibleText } from "./visible.mjs";

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);
const CHARACTERS = new Map([...ENTITIES].map(([character, entity]) => [entity, character]));

/**
 * Text from data for HTML: escapes the five characters that are special in text and attribute values, and shows
 * characters that are not seen, such as controls of text direction, as escapes.
 */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character);
}

/** The inverse of `escapeHtml` for text in which every character is seen. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS.get(entity) ?? entity);
}

/** What a backslash cannot escape everywhere: in tables, and where mathematics is looked for in the finished page. */
const ENCODED = new Map([
  ["|", "&#124;"],
  ["\\", "<span>&#92;</span>"],
  ["$", "<span>&#36;</span>"],
]);

/**
 * Text from data for a place within a line of Markdown: what would be markup, a link or mathematics is shown as it is,
 * line breaks become spaces, and characters that are not seen are shown as escapes.
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
