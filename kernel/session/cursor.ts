import type { Position } from "./cell-diagnostics.ts";

/** Converts a Jupyter cursor position, counted in Unicode code points, to a UTF-16 offset. */
export function utf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--)
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  return offset;
}

/** Converts a UTF-16 offset to a Jupyter cursor position, counted in Unicode code points. */
export const codePointsBefore = (text: string, offset: number): number => [...text.slice(0, offset)].length;

/** Converts a UTF-16 offset to a position of the Language Server Protocol. */
export function lineAndCharacter(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length - 1, character: offset - (before.lastIndexOf("\n") + 1) };
}
