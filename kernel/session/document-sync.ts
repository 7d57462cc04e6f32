import { existsSync } from "node:fs";
import path from "node:path";
import { isTslabInstalled, tslabTypes } from "./ambient-types.ts";
import { cellTsconfig } from "./cell-tsconfig.ts";
import type { OpenDocuments } from "./checker.ts";
import { type DocumentId, placeholderIds } from "./document-id.ts";
import { type DocumentPaths, indexText } from "./documents.ts";
import type { OneFileLibrary } from "./one-file-library.ts";
import { indexHeader, type PlaceholderFiles, placeholderText, tslabFileName } from "./placeholder-files.ts";
import type { Project } from "./project.ts";

/** Sends the documents of a program to its type checker. */
export interface DocumentSync {
  /** Opens the common documents in a newly started server: tsconfig.json, cell index, tslab's types and scratch. */
  initialize(documents: OpenDocuments): void;
  /** Sends the cells' documents and the cell index. Documents that were sent earlier but have no text now are emptied. */
  update(documents: OpenDocuments, texts: ReadonlyMap<DocumentId, string>): void;
}

/** Number of placeholders that the cell index has at first. Each of its files slows down every query. */
const fewest = 8;

/** Number of placeholders in the cell index if the first `used` of them are used: so many that it rarely grows. */
function indexSize(used: number): number {
  let size = fewest;
  while (used > (size * 3) / 4) size *= 2;
  return size;
}

export function openDocumentSync(
  folder: string,
  project: Project,
  placeholders: PlaceholderFiles,
  paths: DocumentPaths,
  library?: OneFileLibrary,
): DocumentSync {
  const ids = placeholderIds(placeholders);
  /** The ids of all documents that have been opened in the server. */
  const opened = new Set<DocumentId>();
  /** The number of placeholders in the cell index. */
  let indexedCount = 0;
  /** The ids and the text of the last cell index: making it takes longer than comparing its ids. */
  let index = { ids: "", text: "" };

  return {
    initialize(documents) {
      opened.clear();
      indexedCount = 0;
      const tslab = isTslabInstalled(folder)
        ? []
        : [{ file: path.join(placeholders.folder, tslabFileName), text: tslabTypes }];
      const common = [{ file: paths.index, text: indexHeader }, ...tslab];
      const files = [paths.scratch, paths.scratchJsx, ...common.map(({ file }) => file)];
      documents.setText(
        path.join(folder, "tsconfig.json"),
        cellTsconfig(folder, project, files, process.versions.node, library),
      );
      for (const { file, text } of common)
        if (placeholders.count === 0 || !existsSync(file)) documents.setText(file, text);
      documents.setText(paths.scratch, placeholderText(paths.index));
    },
    update(documents, texts) {
      for (const id of texts.keys()) opened.add(id);
      const used = [...opened].filter((id) => id.startsWith("c")).map((id) => Number(id.slice(1)));
      indexedCount = Math.min(placeholders.count, Math.max(indexedCount, indexSize(Math.max(0, ...used))));
      const inFolder = [...opened].filter((id) => !id.startsWith("c"));
      const indexed = [...ids.slice(0, indexedCount), ...inFolder];
      if (index.ids !== indexed.join()) index = { ids: indexed.join(), text: indexText(indexed, paths) };
      documents.setText(paths.index, index.text);
      for (const id of opened)
        documents.setText(paths.file(id), texts.get(id) ?? placeholderText(paths.indexSpecifier(id)));
    },
  };
}
