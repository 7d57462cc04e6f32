/** A position in a text, as in the Language Server Protocol: from 0, with characters in UTF-16 units. */
export interface Position {
  line: number;
  character: number;
}

/** A type error in a cell, at a position in the cell's source. */
export interface Diagnostic {
  range: { start: Position; end: Position };
  code: number;
  message: string;
}

/**
 * Diagnostics that say nothing about a cell: a package without type declarations (7016) is not the importing cell's
 * fault, the type of an untyped variable (7005, 7034) may follow from an assignment in a later cell, and `import x =
 * require()` (1202) runs.
 */
const ignoredCodes = new Set([1202, 7005, 7016, 7034]);

export const moveLines = ({ line, character }: Position, lines: number): Position => ({
  line: line + lines,
  character,
});

/** Declarations of an interface that differ in their type parameters (2428) or in the type of a property (2717). */
const contradictions = new Set([2428, 2717]);

const contradictionAdvice =
  "Another cell declares this interface, too, and both are merged: change one of the declarations, or its name.";

/**
 * The errors of a cell from the diagnostics of its document, in which it starts in the second line. `isMerged`: whether
 * it declares interfaces that other cells declare, too.
 */
// biome-ignore lint/suspicious/noExplicitAny: the server's answer
export function cellDiagnostics(report: any, source: string, isMerged = false): Diagnostic[] {
  const lines = source.split("\n").length;
  return (report?.items ?? [])
    .filter(({ severity, code, range }: { severity: number; code: number; range: Diagnostic["range"] }) => {
      const isInCell = range.start.line >= 1 && range.start.line <= lines;
      return severity === 1 && isInCell && !ignoredCodes.has(code);
    })
    .map(({ code, message, range }: Diagnostic) => ({
      code,
      // Types of other cells are shown without the name of their document.
      message: [
        message.replace(/import\("[^"]*__cell_\d+__"\)\./g, ""),
        ...(isMerged && contradictions.has(code) ? [contradictionAdvice] : []),
      ].join(" "),
      range: { start: moveLines(range.start, -1), end: moveLines(range.end, -1) },
    }));
}
