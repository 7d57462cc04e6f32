import { treeOf } from "./doubts.ts";
import { outlineOf } from "./outline.ts";
import type { ParsedCell } from "./parse-cell.ts";

/** The TypeScript of the statement in a cell that declares a name; undefined if there is none. */
export function sourceOf(name: string, cell: ParsedCell): string | undefined {
  const { source } = cell;
  const statement = treeOf(cell)?.body.find((node: Parameters<typeof outlineOf>[1][number]) =>
    outlineOf("", [node]).declared.some((declared) => declared.name === name),
  );
  return statement && source.slice(statement.start, statement.end);
}
