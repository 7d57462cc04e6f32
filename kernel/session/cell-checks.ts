import { log } from "../shared/log.ts";
import type { Diagnostic } from "./cell-diagnostics.ts";
import { CheckerUnavailable } from "./checker.ts";
import { isDoubtful, lateNames } from "./doubts.ts";
import type { ParsedCell } from "./parse-cell.ts";
import type { CellProgram } from "./program.ts";
import type { Strictness } from "./strictness.ts";
import { undeclaredFields } from "./undeclared-fields.ts";

/** The outcome of a cell's check. */
export interface CheckedCell {
  /** The cell as later cells see it. */
  cell: ParsedCell;
  /** The errors that keep the cell from running. */
  errors: Diagnostic[];
  warnings: Diagnostic[];
}

/** A cell with the declarations of its undeclared fields, and the errors that showed them. */
interface CompletedCell {
  cell: ParsedCell;
  fields: Diagnostic[];
}

const isSame = (a: Diagnostic, b: Diagnostic) =>
  a.code === b.code &&
  a.range.start.line === b.range.start.line &&
  a.range.start.character === b.range.start.character;

type Queued = () => Iterable<ParsedCell>;

/** Checks a cell with a strictness other than "off". `queued` lists the cells to run after it. */
export type CheckCell = (cell: ParsedCell, strictness: Strictness, queued: Queued) => Promise<CheckedCell>;

/** Creates the checks of a program's cells. `warn` is told if there is no type checker. */
export function openCellChecks(program: CellProgram, warn: (message: string) => void): CheckCell {
  let hasWarned = false;
  const completed = new WeakMap<ParsedCell, CompletedCell>();

  const diagnose = (cell: ParsedCell, queued: Queued): Promise<Diagnostic[]> =>
    program.check(cell, queued).catch((error: Error) => {
      log(`A cell was not type-checked: ${error.message}`);
      if (error instanceof CheckerUnavailable && !hasWarned) {
        hasWarned = true;
        warn(`Cells are not type-checked: ${error.message} Restart the kernel to try again.`);
      }
      return [];
    });

  /** Divides the diagnostics of a cell into errors and warnings. */
  const divide = (cell: ParsedCell, diagnostics: Diagnostic[], isWarning: (each: Diagnostic) => boolean) => {
    const late = lateNames(cell, diagnostics);
    const warns = (each: Diagnostic) => late.has(each) || isWarning(each);
    return {
      errors: diagnostics.filter((each) => !warns(each)),
      warnings: diagnostics.filter(warns),
    };
  };

  const checkRelaxed = async (cell: ParsedCell, queued: Queued): Promise<CheckedCell> => {
    const known = completed.get(cell);
    const diagnostics = await diagnose(known?.cell ?? cell, queued);
    const fields = undeclaredFields(cell, diagnostics);
    if (!known && fields?.declarations) {
      completed.set(cell, {
        cell: { ...cell, additions: fields.declarations },
        fields: [...fields.diagnostics],
      });
      return checkRelaxed(cell, queued);
    }
    const isWarning = (each: Diagnostic) => fields?.diagnostics.has(each) || isDoubtful(each);
    const { errors, warnings } = divide(cell, diagnostics, isWarning);
    // The fields of nested classes, which cannot be declared, are among both.
    const added = (known?.fields ?? []).filter((field) => !warnings.some((each) => isSame(each, field)));
    return { cell: known?.cell ?? cell, errors, warnings: [...added, ...warnings] };
  };

  return async (cell, strictness, queued) => {
    if (strictness === "relaxed") return checkRelaxed(cell, queued);
    return { cell, ...divide(cell, await diagnose(cell, queued), () => false) };
  };
}
