import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { globals, tslabTypes } from "./ambient-types.ts";

/**
 * Files that the type checker reads at its start, and that stand for cells to come: to show it another text for a file
 * that it knows takes a fifth of the time of showing it a new one. They are the same for all notebooks.
 */
export interface Shelf {
  folder: string;
  /** How many files there are for cells. */
  size: number;
}

/** What a cell's file is called, on the shelf and beside the notebook. */
export const cellName = (index: number): string => `__cell_${index}__.ts`;

/** The file that brings all cells together. */
export const hubName = "__cells__.ts";
/** The file with the types of tslab's library. */
export const tslabName = "__tslab__.d.ts";

/** How a cell's file brings in all others: a file that imports the same as before is checked sooner. */
export const hubImport = (hub: string): string => `import * as __cells from ${JSON.stringify(hub)};`;

/** A file that holds no cell yet. */
export const emptyText = (hub: string): string => `${hubImport(hub)}\nexport {};`;

/** The start of the file that brings all cells together. */
export const hubStart = `${globals}\nexport {};\n`;

const size = 512;

/** What lies on the shelf: its files' texts by their names. */
export const shelved = (): Map<string, string> =>
  new Map([
    [hubName, hubStart],
    [tslabName, tslabTypes],
    ...Array.from({ length: size }, (_, at) => [cellName(at + 1), emptyText(`./${hubName}`)] as const),
  ]);

/** The hash of what lies on the shelf: a shelf with something else is another one. */
export const edition = "d59a91c9";

const user = () => process.getuid?.() ?? 0;

/** Whether a folder is there and nobody else's. */
function isOwn(folder: string): boolean {
  try {
    return statSync(folder).uid === user();
  } catch {
    return false;
  }
}

const folderOf = (folderFor: string) => path.join(folderFor, `allroads-kernel-${user()}-${edition}`);

/** Where the user's shelf lies among the temporary files; undefined where there is none, or another user's. */
export function shelfFolder(folderFor = os.tmpdir()): string | undefined {
  const folder = folderOf(folderFor);
  return isOwn(folder) ? folder : undefined;
}

/**
 * Opens the user's shelf among the temporary files: the checker looks for a project around each file, and finds none
 * there. It is made where there is none; where it cannot be made it is empty.
 */
export function openShelf(folderFor = os.tmpdir()): Shelf {
  const folder = folderOf(folderFor);
  if (!existsSync(folder)) {
    try {
      const made = mkdtempSync(path.join(folderFor, "allroads-kernel-"));
      for (const [name, text] of shelved()) writeFileSync(path.join(made, name), text);
      // Another kernel may have been sooner.
      try {
        renameSync(made, folder);
      } catch {
        rmSync(made, { recursive: true });
      }
    } catch {
      // Nothing can be written there.
    }
  }
  return { folder, size: isOwn(folder) ? size : 0 };
}
