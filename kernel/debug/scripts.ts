import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Script } from "../protocol/thread-messages.ts";
import { isAdded, type Mapped, type Place, sourcePlace } from "../session/source-locations.ts";
import { murmur2 } from "./murmur2.ts";

/** How clients name the source of a cell: a path that is made of its text. No such file is written. */
export const naming = {
  hashMethod: "Murmur2",
  hashSeed: 0xc70f6907,
  tmpFilePrefix: path.join(os.tmpdir(), `allroads-kernel-${process.pid}`, path.sep),
  tmpFileSuffix: ".ts",
};

/** The path by which clients name a cell with this text. */
export const cellPath = (source: string): string =>
  `${naming.tmpFilePrefix}${murmur2(source, naming.hashSeed)}${naming.tmpFileSuffix}`;

/** A script of a cell or a local module. */
export interface Known {
  /** The name that the engine knows it by. */
  url: string;
  /** The name that users know it by. */
  name: string;
  script: Mapped;
  /** Its source's path, as clients name it. */
  path: string;
  /** The text of a cell. */
  source?: string;
}

/** A place in a source that clients can show. */
export interface Located extends Place {
  name: string;
  path: string;
  /** The script, where the kernel compiled it. */
  known?: Known;
}

/** The scripts that the kernel has compiled, by the engine's names for them. */
export interface Scripts {
  addCell(name: string, cell: Script & { source: string }): Known;
  addModule(url: string, file: string, script: Script): Known;
  /** Those made of one source. */
  of(path: string): Known[];
  /** The local modules. */
  modules(): { name: string; path: string }[];
  /** What a place (line and column from 0) of a script is to users. undefined for what is the kernel's or Node's. */
  locate(url: string, line: number, column: number): Located | undefined;
  /** Whether the place is in what the kernel added to a source. */
  isAdded(url: string, line: number, column: number): boolean;
}

/** Keeps scripts for a kernel whose notebook lies in `folder` and whose own script on the cells' thread is `own`. */
export function keepScripts(folder: string, own: string): Scripts {
  const scripts = new Map<string, Known>();
  const keep = (known: Known) => {
    scripts.set(known.url, known);
    return known;
  };
  const added = (url: string, line: number, column: number) => {
    const known = scripts.get(url);
    return known !== undefined && isAdded(known.script, { line: line + 1, column: column + 1 });
  };

  return {
    addCell: (name, cell) =>
      keep({ url: name, name, script: cell, path: cellPath(cell.source), source: cell.source }),
    addModule: (url, file, script) => keep({ url, name: path.relative(folder, file), script, path: file }),
    of: (source) => [...scripts.values()].filter((known) => known.path === source),
    modules() {
      const files = [...scripts.values()].filter(({ source }) => source === undefined);
      return [...new Map(files.map(({ name, path: file }) => [file, { name, path: file }])).values()];
    },
    locate(url, line, column) {
      const place = { line: line + 1, column: column + 1 };
      const known = scripts.get(url);
      if (known) {
        const found = added(url, line, column) ? undefined : sourcePlace(known.script, place);
        return found && { ...found, name: known.name, path: known.path, known };
      }
      if (url === own || !url.startsWith("file:")) return undefined;
      const file = fileURLToPath(url);
      return { ...place, name: path.basename(file), path: file };
    },
    isAdded: added,
  };
}
