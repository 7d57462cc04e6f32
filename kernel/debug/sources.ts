import { readFileSync } from "node:fs";
import type { Cells } from "../session/cells.ts";
import type { MappedScript } from "../session/source-locations.ts";
import { cellPath, type Scripts } from "./scripts.ts";

/** The source texts of cells and files, by the paths that clients use. */
export interface Sources {
  /** Registers the text of a cell, which may not have run yet. Returns its path. */
  dump(text: string): Promise<string>;
  /** The script that a registered cell would be compiled to now, which determines its executable lines. */
  draft(path: string): MappedScript | undefined;
  /**
   * The text of a source.
   *
   * @throws if there is no such cell or file
   */
  text(path: string, scripts: Scripts | undefined): string;
}

export function openSources(cells: Pick<Cells, "prepareExpression">): Sources {
  const dumped = new Map<string, { text: string; draft: MappedScript | undefined }>();
  return {
    async dump(text) {
      const prepared = await cells.prepareExpression(text);
      const path = cellPath(text);
      dumped.set(path, { text, draft: "cell" in prepared ? prepared.cell : undefined });
      return path;
    },
    draft: (path) => dumped.get(path)?.draft,
    text(path, scripts) {
      const cell = dumped.get(path)?.text ?? scripts?.bySource(path).at(-1)?.source;
      if (cell !== undefined) return cell;
      try {
        return readFileSync(path, "utf8");
      } catch {
        throw new Error(
          `There is no source ${path}: pass the path of a cell or file in the stack trace or the list of modules.`,
        );
      }
    },
  };
}
