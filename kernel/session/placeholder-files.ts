import { randomUUID } from "node:crypto";
import { lstatSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { globalTypes, tslabTypes } from "./ambient-types.ts";
import { checkPrivateFolder } from "./private-folder.ts";

/**
 * Empty modules that the type checker reads when it starts. Each is replaced by the document of a cell later: changing
 * the text of a known file takes the checker a fifth of the time of opening a new one. The files are the same for all
 * notebooks.
 */
export interface PlaceholderFiles {
  folder: string;
  /** The number of placeholders for cells; 0 if the folder is not available. */
  count: number;
}

/** The file name of a cell's document, both among the placeholders and in the notebook's folder. */
export const cellFileName = (index: number, extension: "ts" | "tsx" = "ts"): string =>
  `__cell_${index}__.${extension}`;

/** The file name of the cell index, the module that re-exports all cells. */
export const indexFileName = "__cells__.ts";
/** The file name of the type declarations of tslab's library. */
export const tslabFileName = "__tslab__.d.ts";

/** The one import of each cell's document. A file whose imports do not change is checked faster. */
export const indexImport = (indexSpecifier: string): string =>
  `import * as __cells from ${JSON.stringify(indexSpecifier)};`;

/** The text of a document without a cell. */
export const placeholderText = (indexSpecifier: string): string =>
  `${indexImport(indexSpecifier)}\nexport {};`;

/** The first lines of the cell index. */
export const indexHeader = `${globalTypes}\nexport {};\n`;

const count = 512;

/** The files of the placeholder folder: their texts by name. */
export const placeholderTexts = (): Map<string, string> =>
  new Map([
    [indexFileName, indexHeader],
    [tslabFileName, tslabTypes],
    ...Array.from(
      { length: count },
      (_, index) => [cellFileName(index + 1), placeholderText(`./${indexFileName}`)] as const,
    ),
  ]);

/** Hash of `placeholderTexts`, part of the folder's name: kernels with other contents use another folder. */
export const contentHash = "61e8d08c";

/** Creates a folder with all placeholder files, unless it exists. */
function createFolder(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })) return;
  const created = mkdtempSync(`${folder}-`);
  try {
    for (const [name, text] of placeholderTexts()) writeFileSync(path.join(created, name), text);
    renameSync(created, folder);
  } catch (error) {
    rmSync(created, { recursive: true });
    // Another kernel may have created the folder meanwhile.
    if (!lstatSync(folder, { throwIfNoEntry: false })) throw error;
  }
}

/**
 * Opens the current user's placeholder folder and creates it if necessary. It is in the temporary directory, where the
 * checker finds no other project around the files. If it cannot be created, or if other users can change it, `count` is
 * 0 and `warn` is told why.
 */
export function openPlaceholderFiles(
  warn: (message: string) => void,
  parent = os.tmpdir(),
): PlaceholderFiles {
  const name = `allroads-kernel-${process.geteuid?.() ?? 0}-${contentHash}`;
  try {
    const folder = path.join(realpathSync(parent), name);
    createFolder(folder);
    checkPrivateFolder(folder);
    return { folder, count };
  } catch (error) {
    warn(`Cells are checked more slowly, without placeholder files: ${(error as Error).message}.`);
    // A name that nobody can know, since another user may have created a folder of the usual name.
    return { folder: path.join(parent, `${name}-${randomUUID()}`), count: 0 };
  }
}
