/** Replaces the text from offset `start` up to `end` by `text`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A range that was copied unchanged: [offset in the generated text, offset in the original, length]. */
export type Segment = [number, number, number];

/**
 * Applies edits that do not overlap. Insertions at the same offset keep the order of the list. The segments are in
 * order of offset.
 */
export function applyEdits(source: string, edits: readonly Edit[]): { text: string; segments: Segment[] } {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.index - b.index);
  const segments: Segment[] = [];
  let text = "";
  let position = 0;
  const copyUpTo = (end: number) => {
    if (end > position) segments.push([text.length, position, end - position]);
    text += source.slice(position, end);
    position = Math.max(position, end);
  };
  for (const { edit } of ordered) {
    copyUpTo(edit.start);
    text += edit.text;
    position = Math.max(position, edit.end);
  }
  copyUpTo(source.length);
  return { text, segments };
}

/**
 * Maps an offset in the generated text to the original. An offset in inserted text maps to where the replaced range
 * begins.
 */
export function originalOffset(segments: readonly Segment[], offset: number): number {
  let end = segments[0]?.[1] ?? 0;
  for (const [generated, original, length] of segments) {
    if (offset < generated) return end;
    end = original + length;
    if (offset < generated + length) return original + offset - generated;
  }
  return end;
}

/**
 * Maps an offset in the original to the generated text, before any text inserted there. Undefined if the text at the
 * offset was deleted without replacement.
 */
export function generatedOffset(segments: readonly Segment[], offset: number): number | undefined {
  for (const [index, [generated, original, length]] of segments.entries()) {
    if (offset < original || offset > original + length) continue;
    const result = generated + offset - original;
    const next = segments[index + 1];
    return next?.[0] === result && next[1] > offset ? undefined : result;
  }
  return undefined;
}

/** The line and column of an offset, both from 0. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length - 1;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) };
}

/** The offset of a line and column, both from 0. A position outside the text is clamped to its line or the text. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let skipped = 0; skipped < line; skipped++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + column, end < 0 ? text.length : end);
}
