import { copyDocuments, type Documents, emptyDocuments } from "./documents.ts";
import type { ParsedCell } from "./parse-cell.ts";

/**
 * The queued cells that have been checked ahead of time. Each was checked against the documents that there will be if
 * exactly the cells before it run.
 */
export interface Prefetch {
  /** Notes that a cell runs: if it is among these cells, it and those before it are no longer. */
  advance(cell: ParsedCell): void;
  /**
   * The cells of a queue that have yet to be checked, with the documents before each. The caller adds a cell's
   * declarations to them before it takes the next cell. Ends at a cell that does not match the cells checked so far, or
   * that `canPrefetch` refuses.
   */
  next(queued: Iterable<ParsedCell>, canPrefetch: CanPrefetch): Iterable<[ParsedCell, Documents]>;
  /** Whether there are no such cells. */
  isEmpty(): boolean;
  /** Forgets all cells, and continues after these documents, of which it returns a copy. */
  restart(documents: Documents): Documents;
  clear(): void;
}

type CanPrefetch = (cell: ParsedCell, before: Documents) => boolean;

/** Maximum number of queued cells checked ahead of time. */
const limit = 32;

export function openPrefetch(): Prefetch {
  /** The sources of the cells that have been checked and have not run yet. */
  let sources: string[] = [];
  /** The documents as they will be once all these cells have run. */
  let after = emptyDocuments();
  return {
    advance({ source }) {
      sources = sources.slice(sources.indexOf(source) + 1);
    },
    *next(queued, canPrefetch) {
      const known = [...sources];
      if (known.length >= limit) return;
      let count = 0;
      for (const cell of queued) {
        const isExpected = count < known.length ? known[count] === cell.source : canPrefetch(cell, after);
        if (!isExpected || count === known.length + limit) return;
        count += 1;
        if (count <= known.length) continue;
        sources.push(cell.source);
        yield [cell, after];
      }
    },
    isEmpty: () => sources.length === 0,
    restart(documents) {
      sources = [];
      after = copyDocuments(documents);
      return after;
    },
    clear() {
      sources = [];
    },
  };
}
