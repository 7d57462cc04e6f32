import type { Content } from "../protocol/wire.ts";
import type { CellProgram, Position } from "./program.ts";

/** The offset, in UTF-16 units, of a place that Jupyter counts in code points. */
export function utf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--)
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  return offset;
}

/** The number of code points before an offset. */
export const codePointsBefore = (text: string, offset: number): number => [...text.slice(0, offset)].length;

/** The line and character of an offset. */
export function lineAndCharacter(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length - 1, character: offset - (before.lastIndexOf("\n") + 1) };
}

/** Names that Jupyter's clients know of the kinds in the Language Server Protocol. */
const kinds: Record<number, string> = {
  2: "method",
  3: "function",
  4: "function",
  5: "property",
  6: "instance",
  7: "class",
  8: "interface",
  9: "module",
  10: "property",
  13: "enum",
  14: "keyword",
  17: "file",
  19: "folder",
  20: "enum",
  21: "instance",
  22: "class",
  25: "type",
};

interface Item {
  label: string;
  kind?: number;
  insertText?: string;
  sortText?: string;
  filterText?: string;
  labelDetails?: { detail?: string };
}

/** How well an item fits what is written: exact beginnings first, then those in another case. */
function fit(label: string, written: string): number {
  if (label.startsWith(written)) return 0;
  return label.toLowerCase().startsWith(written.toLowerCase()) ? 1 : 2;
}

/** The content of `complete_reply` for a place that is counted in code points. */
export async function complete(program: CellProgram, source: string, cursor: number): Promise<Content> {
  const offset = utf16Offset(source, cursor);
  const written = /[\p{ID_Continue}$]*$/u.exec(source.slice(0, offset))![0];
  const found = await program.completion(source, lineAndCharacter(source, offset));
  const all: Item[] = Array.isArray(found) ? found : (found?.items ?? []);
  const items = all
    .filter(({ label, kind }) => fit(label, written) < 2 && kind !== 15 && !label.startsWith("__cell"))
    .sort((a, b) => {
      const order = fit(a.label, written) - fit(b.label, written);
      if (order !== 0) return order;
      const [left, right] = [a.sortText ?? a.label, b.sortText ?? b.label];
      return left < right ? -1 : left > right ? 1 : a.label < b.label ? -1 : 1;
    });
  const start = codePointsBefore(source, offset - written.length);
  const end = codePointsBefore(source, offset);
  return {
    status: "ok",
    matches: [...new Set(items.map(({ label }) => label))],
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: items.map(({ label, kind, labelDetails }) => ({
        start,
        end,
        text: label,
        type: kinds[kind ?? 0] ?? "",
        ...(labelDetails?.detail ? { signature: labelDetails.detail } : {}),
      })),
    },
  };
}
