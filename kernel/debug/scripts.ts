import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Compiled, Script } from "../protocol/bridge.ts";
import { isAdded, type Mapped, type Place, sourcePlace } from "../session/places.ts";
import { murmur2 } from "./hash.ts";

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
  /** By which the engine knows it. */
  url: string;
  /** By which users do. */
  name: string;
  script: Mapped;
  /** Its source's path, as clients name it. */
  readonly path: string;
  /** The text of a cell. */
  source?: string;
}

/** A place in a source that clients can show. */
export interface Located extends Place {
  name: string;
  path: string;
  /** Whether it is in a cell's own code, outside of its functions, where this can be told. */
  known?: Known;
}

/** The scripts that the kernel has compiled, by the engine's names for them. */
export interface Scripts {
  addCell(name: string, cell: Compiled): Known;
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
    addCell(name, cell) {
      let named: string | undefined;
      return keep({
        url: name,
        name,
        script: cell,
        source: cell.source,
        // Hashed when first needed: nothing of it where nobody debugs.
        get path() {
          named ??= cellPath(cell.source);
          return named;
        },
      });
    },
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
        if (added(url, line, column)) return undefined;
        const found = sourcePlace(known.script, place);
        return found && { ...found, name: known.name, path: known.path, known };
      }
      if (url === own || !url.startsWith("file:")) return undefined;
      const file = fileURLToPath(url);
      return { ...place, name: path.basename(file), path: file };
    },
    isAdded: added,
  };
}
