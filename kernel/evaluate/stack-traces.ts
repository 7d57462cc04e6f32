import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Compiled, ErrorContent, Script } from "../protocol/thread-messages.ts";
import { codeFrame } from "../session/diagnostics.ts";
import { type Mapped, sourcePlace } from "../session/source-locations.ts";

/** A script that the kernel compiled: how frames name it, and the text of the cell, if it is one. */
interface Known extends Mapped {
  name: string;
  source?: string;
  file?: string;
}

/** A script that was run, as the debugger is told of it. */
export interface Ran extends Script {
  /** The name that the engine knows it by. */
  url: string;
  /** The text of a cell. */
  source?: string;
  /** The file of a module. */
  file?: string;
}

/** The scripts of a session, by the names that the engine knows them by. */
export interface Traces {
  cell(name: string, cell: Compiled): void;
  module(identifier: string, file: string, script: Script): void;
  scripts(): Ran[];
  /** The error as Jupyter shows it: the lines of the cell that failed, then the stack in terms of the source. */
  content(error: unknown): ErrorContent;
}

/** Of so many cells the sources are kept; errors from those before are shown in terms of what they were compiled to. */
const kept = 1000;

const kernelFolder = path.dirname(fileURLToPath(import.meta.url));

function isKernels(site: NodeJS.CallSite): boolean {
  const file = site.getFileName() ?? "";
  return file.startsWith("file:") && path.dirname(fileURLToPath(file)) === kernelFolder;
}

const isNodes = (site: NodeJS.CallSite) => site.getFileName()?.startsWith("node:") === true;

/** Keeps the frames of whoever wrote the cell, and of packages: not the kernel's, nor Node's own at the end. */
function written(sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  const own = sites.filter((site) => !isKernels(site));
  let end = own.length;
  while (end > 0 && isNodes(own[end - 1]!)) end -= 1;
  return own.slice(0, end);
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** Sees to it that every stack of this process speaks of cells and sources. `folder` is the notebook's. */
export function openTraces(folder: string): Traces {
  const scripts = new Map<string, Known>();
  const cells = new Set<string>();

  const frame = (site: NodeJS.CallSite): string => {
    const text = String(site);
    const file = site.getFileName();
    const script = file ? scripts.get(file) : undefined;
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
    if (!script || line === null || column === null) return text;
    const place = sourcePlace(script, { line, column }) ?? { line, column };
    return text.replace(`${file}:${line}:${column}`, () => `${script.name}:${place.line}:${place.column}`);
  };

  Error.prepareStackTrace = (error, sites) =>
    [headOf(error), ...written(sites).map((site) => `    at ${frame(site)}`)].join("\n");

  /** The lines of the cell in which an error arose, or through which it went. */
  const excerpt = (stack: string): string[] => {
    for (const [, name, line, column] of stack.matchAll(/(Cell \[[\d ]+\]):(\d+):(\d+)/g)) {
      const source = scripts.get(name!)?.source;
      if (source === undefined) continue;
      const place = { line: Number(line) - 1, column: Number(column) - 1, length: 1 };
      if (place.line < source.split("\n").length) return [...codeFrame(source, place), ""];
    }
    return [];
  };

  return {
    cell(name, cell) {
      scripts.set(name, { ...cell, name });
      cells.delete(name);
      cells.add(name);
      if (cells.size <= kept) return;
      const oldest = cells.values().next().value!;
      cells.delete(oldest);
      scripts.delete(oldest);
    },
    module(identifier, file, script) {
      scripts.set(identifier, { ...script, name: path.relative(folder, file), file });
    },
    scripts: () =>
      [...scripts].map(([url, { code, emitted, map, pieces, source, file }]) => ({
        ...{ url, code, emitted, pieces },
        ...(map === undefined ? {} : { map }),
        ...(source === undefined ? {} : { source }),
        ...(file === undefined ? {} : { file }),
      })),
    content(error) {
      if (!(error instanceof Error)) {
        const text = inspect(error);
        return { ename: "Uncaught", evalue: text, traceback: [`Uncaught ${text}`] };
      }
      // Node puts errors that have no stack into brackets.
      const text = inspect(error).replace(/^\[([\s\S]*)\]$/, "$1");
      return {
        ename: String(error.name || error.constructor?.name || "Error"),
        evalue: String(error.message),
        traceback: [...excerpt(String(error.stack ?? "")), ...text.split("\n")],
      };
    },
  };
}
