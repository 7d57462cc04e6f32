import { readFileSync } from "node:fs";
import type { Cells } from "../session/cells.ts";
import type { Mapped } from "../session/source-locations.ts";
import { cellPath, type Scripts } from "./scripts.ts";

/** The sources that a client speaks of, by their paths. */
export interface Sources {
  /** Takes the text of a cell that may not have run yet: its path. */
  dump(text: string): Promise<string>;
  /** What would be made of a dumped cell now: it tells which of its lines do something. */
  draft(source: string): Mapped | undefined;
  /** The text of a source. Throws where there is none. */
  text(source: string, scripts: Scripts | undefined): string;
}

/** No sources yet. */
export function openSources(cells: Pick<Cells, "expression">): Sources {
  const dumped = new Map<string, { text: string; draft: Mapped | undefined }>();
  return {
    async dump(text) {
      const prepared = await cells.expression(text);
      const source = cellPath(text);
      dumped.set(source, { text, draft: "cell" in prepared ? prepared.cell : undefined });
      return source;
    },
    draft: (source) => dumped.get(source)?.draft,
    text(source, scripts) {
      const cell = dumped.get(source)?.text ?? scripts?.of(source).at(-1)?.source;
      if (cell !== undefined) return cell;
      try {
        return readFileSync(source, "utf8");
      } catch {
        throw new Error(`There is no source ${source}: ask for a cell or a file that the program has run.`);
      }
    },
  };
}
