import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  isInWrapper,
  type Location,
  type MappedScript,
  sourceLocation,
} from "../session/source-locations.ts";
import type { Script } from "../shared/thread-messages.ts";
import { murmur2 } from "./murmur2.ts";

/** The part of the `debugInfo` by which clients compute a cell's path from its text. No such files are written. */
export const cellNaming = {
  hashMethod: "Murmur2",
  hashSeed: 0xc70f6907,
  tmpFilePrefix: path.join(os.tmpdir(), `allroads-kernel-${process.pid}`, path.sep),
  tmpFileSuffix: ".ts",
};

/** The path by which clients refer to a cell. */
export const cellPath = (source: string): string =>
  `${cellNaming.tmpFilePrefix}${murmur2(source, cellNaming.hashSeed)}${cellNaming.tmpFileSuffix}`;

/** The script of a cell or a local module. */
export interface DebugScript {
  /** The URL that V8 knows the script by. */
  url: string;
  /** The name shown to the user. */
  name: string;
  script: MappedScript;
  /** The path by which clients refer to the source. */
  path: string;
  /** The text of a cell. */
  source?: string;
}

/** A location in the source of user code. */
export interface UserLocation extends Location {
  /** The name of the source shown to the user. */
  name: string;
  /** The path by which clients refer to the source. */
  path: string;
  /** The script, if it was compiled by the kernel. */
  script?: DebugScript;
}

/** The scripts compiled by the kernel, by URL. */
export interface Scripts {
  addCell(name: string, cell: Script & { source: string }): DebugScript;
  addModule(url: string, file: string, script: Script): DebugScript;
  /** The scripts compiled from a source. */
  bySource(path: string): DebugScript[];
  /** The local modules. */
  modules(): { name: string; path: string }[];
  /** Maps a location (from 0) in a script to its source; undefined in code of the kernel or of Node. */
  locate(url: string, line: number, column: number): UserLocation | undefined;
  /** Whether a location (from 0) is in the wrapper that the kernel put around a source's code. */
  isInWrapper(url: string, line: number, column: number): boolean;
}

/** Creates the registry of scripts. `kernelScript` is the URL of the kernel's script on the main thread. */
export function openScripts(folder: string, kernelScript: string): Scripts {
  const byUrl = new Map<string, DebugScript>();
  const add = (script: DebugScript) => {
    byUrl.set(script.url, script);
    return script;
  };
  const inWrapper = (url: string, line: number, column: number) => {
    const script = byUrl.get(url)?.script;
    return script !== undefined && isInWrapper(script, { line: line + 1, column: column + 1 });
  };

  return {
    addCell: (name, cell) =>
      add({ url: name, name, script: cell, path: cellPath(cell.source), source: cell.source }),
    addModule: (url, file, script) => add({ url, name: path.relative(folder, file), script, path: file }),
    bySource: (source) => [...byUrl.values()].filter((script) => script.path === source),
    modules() {
      const modules = [...byUrl.values()].filter(({ source }) => source === undefined);
      return [...new Map(modules.map(({ name, path: file }) => [file, { name, path: file }])).values()];
    },
    locate(url, line, column) {
      const location = { line: line + 1, column: column + 1 };
      const script = byUrl.get(url);
      if (script) {
        const mapped = inWrapper(url, line, column) ? undefined : sourceLocation(script.script, location);
        return mapped && { ...mapped, name: script.name, path: script.path, script };
      }
      if (url === kernelScript || !url.startsWith("file:")) return undefined;
      const file = fileURLToPath(url);
      return { ...location, name: path.basename(file), path: file };
    },
    isInWrapper: inWrapper,
  };
}
