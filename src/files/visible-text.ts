/**
 * Characters that are not seen but act on what is around them: the control characters of terminals, the controls of
 * text direction, and characters without a glyph, as [first, last]. Tab, newline and carriage return are not among
 * them, nor are the joiners. `kernel/display/visible.mjs` has the same list.
 */
const HIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x08], // C0
  [0x0b, 0x0c],
  [0x0e, 0x1f],
  [0x7f, 0x9f], // DEL and C1
  [0xad, 0xad], // soft hyphen
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5], // Khmer inherent vowels
  [0x180e, 0x180e], // Mongolian vowel separator
  [0x200b, 0x200b], // zero width space
  [0x200e, 0x200f], // left-to-right and right-to-left marks
  [0x2028, 0x202e], // line and paragraph separators; embeddings and overrides of direction
  [0x2060, 0x206f], // word joiner, invisible operators, isolates of direction
  [0x3164, 0x3164], // Hangul filler
  [0xd800, 0xdfff], // half of a surrogate pair
  [0xfeff, 0xfeff], // byte-order mark
  [0xffa0, 0xffa0], // Hangul filler
  [0xfff0, 0xfffb], // interlinear annotation
  [0x1bca0, 0x1bca3], // shorthand controls
  [0x1d173, 0x1d17a], // musical controls
  [0xe0000, 0xe0fff], // tags and other characters without a glyph
];

const hidden = HIDDEN.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join("");
/** The two joiners are part of the spelling between characters of other scripts than Latin, and in emoji. */
const joiner = "[\\u{200c}\\u{200d}]";
const spelled = `[^\\0-\\u{2ff}\\u{200c}\\u{200d}${hidden}]`;
const SHOWN = new RegExp(`[${hidden}]|\\r(?!\\n)|(?<!${spelled})${joiner}|${joiner}(?!${spelled})`, "gu");

const SHORT = new Map([
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

/** A character as an escape of JavaScript. */
function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return SHORT.get(character) ?? `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
}

/**
 * Text from data as a person may safely look at it, on a terminal or in a report: characters that are not seen are shown
 * as escapes, such as `\x1b`, so that the text can neither give commands to a terminal nor reorder or hide what stands
 * around it. Newlines and tabs stay.
 */
export function visibleText(text: string): string {
  return text.replace(SHOWN, escaped);
}

/** The same for text that must stay on one line, such as a name: newlines and tabs are shown too. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n\r]/g, escaped);
}
