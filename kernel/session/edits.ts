/** Replaces what lies from `start` up to `end` by `text`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A stretch of the source that was kept: [offset in the result, offset in the source, length]. */
export type Piece = [number, number, number];

/**
 * Applies edits that do not overlap, in order of place; of several insertions at one place the one given first
 * comes first.
 */
export function applyEdits(source: string, edits: readonly Edit[]): { text: string; pieces: Piece[] } {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.index - b.index);
  const pieces: Piece[] = [];
  let text = "";
  let place = 0;
  const keep = (end: number) => {
    if (end > place) pieces.push([text.length, place, end - place]);
    text += source.slice(place, end);
    place = Math.max(place, end);
  };
  for (const { edit } of ordered) {
    keep(edit.start);
    text += edit.text;
    place = Math.max(place, edit.end);
  }
  keep(source.length);
  return { text, pieces };
}

/**
 * Where in the source a place of the result lies: exactly within a kept stretch, else where that begins which was
 * replaced.
 */
export function originalOffset(pieces: readonly Piece[], offset: number): number {
  let end = pieces[0]?.[1] ?? 0;
  for (const [made, kept, length] of pieces) {
    if (offset < made) return end;
    end = kept + length;
    if (offset < made + length) return kept + offset - made;
  }
  return end;
}

/**
 * Where in the result a place of the source lies: before what was inserted there, or put in its stead. undefined
 * where what begins there was taken away.
 */
export function madeOffset(pieces: readonly Piece[], offset: number): number | undefined {
  const index = pieces.findIndex(([, kept, length]) => kept <= offset && offset <= kept + length);
  if (index < 0) return undefined;
  const [made, kept] = pieces[index]!;
  const place = made + offset - kept;
  const next = pieces[index + 1];
  return next?.[0] === place && next[1] > offset ? undefined : place;
}

/** The line and column, both from 0, of an offset. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length - 1;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) };
}

/** The offset of a line and column, both from 0; the nearest there is. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 0; at < line; at++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + column, end < 0 ? text.length : end);
}
