import path from "node:path";
import { fileURLToPath } from "node:url";
import { codeFrame } from "../session/diagnostics.ts";
import { type MappedScript, sourceLocation } from "../session/source-locations.ts";
import type { CompiledCell, ErrorText, Script } from "../shared/thread-messages.ts";
import { errorText } from "./error-text.ts";
import { apply, pin } from "./intrinsics.ts";

/** A script of a cell or module, as stack traces need it. */
interface TracedScript extends MappedScript {
  /** The name shown in stack frames. */
  name: string;
  /** The TypeScript of a cell. */
  source?: string;
  /** The file of a module. */
  file?: string;
}

/** A script that has been run, as passed to the debugger. */
export interface LoadedScript extends Script {
  /** The URL that V8 knows the script by. */
  url: string;
  /** The TypeScript of a cell. */
  source?: string;
  /** The file of a module. */
  file?: string;
}

/** Source-mapped stack traces for the scripts of a session. */
export interface StackTraces {
  addCell(name: string, cell: CompiledCell): void;
  addModule(identifier: string, file: string, script: Script): void;
  scripts(): LoadedScript[];
  /** Describes an error: an excerpt of the cell that failed, then the stack trace. */
  errorText(error: unknown): ErrorText;
}

/** Maximum number of cells whose sources are kept. Errors in older cells are not source-mapped. */
const cellLimit = 1000;

const kernelFolder = path.dirname(fileURLToPath(import.meta.url));

function isKernelFrame(site: NodeJS.CallSite): boolean {
  const file = site.getFileName() ?? "";
  return file.startsWith("file:") && path.dirname(fileURLToPath(file)) === kernelFolder;
}

const isNodeFrame = (site: NodeJS.CallSite) => site.getFileName()?.startsWith("node:") === true;

/** Removes the kernel's frames, and then Node's at the bottom of the stack. */
function userFrames(sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  const frames = sites.filter((site) => !isKernelFrame(site));
  return frames.slice(0, frames.findLastIndex((site) => !isNodeFrame(site)) + 1);
}

const { toString: errorToString } = Error.prototype;

/** The first line of a stack trace: name and message of the error. */
function headLine(error: Error): string {
  try {
    return apply(errorToString, error, []);
  } catch {
    return "Error";
  }
}

/** Replaces the stack traces of this process by source-mapped ones. `folder` is the notebook's. */
export function installStackTraces(folder: string): StackTraces {
  const scripts = pin(new Map<string, TracedScript>());
  /** The names of the last cells, in a ring. */
  const cellNames: string[] = new Array(cellLimit).fill("");
  let cellCount = 0;

  const frameText = (site: NodeJS.CallSite): string => {
    const text = String(site);
    const file = site.getFileName();
    const script = file ? scripts.get(file) : undefined;
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
    if (!script || line === null || column === null) return text;
    const location = sourceLocation(script, { line, column }) ?? { line, column };
    return text.replace(
      `${file}:${line}:${column}`,
      () => `${script.name}:${location.line}:${location.column}`,
    );
  };

  Error.prepareStackTrace = (error, sites) => {
    const head = headLine(error);
    try {
      return [head, ...userFrames(sites).map((site) => `    at ${frameText(site)}`)].join("\n");
    } catch {
      // A cell has replaced a method that this needs.
      return head;
    }
  };

  /** A code frame for the topmost stack frame in a cell. */
  const excerpt = (stack: string): string => {
    for (const { groups = {} } of stack.matchAll(/(?<name>Cell \[[\d ]+\]):(?<line>\d+):(?<column>\d+)/g)) {
      const source = scripts.get(String(groups.name))?.source;
      if (source === undefined) continue;
      const start = { line: Number(groups.line) - 1, column: Number(groups.column) - 1, length: 1 };
      if (start.line < source.split("\n").length) return `${codeFrame(source, start).join("\n")}\n\n`;
    }
    return "";
  };

  return {
    addCell(name, cell) {
      if (!scripts.has(name)) {
        const oldest = cellNames[cellCount % cellLimit]!;
        scripts.delete(oldest);
        cellNames[cellCount % cellLimit] = name;
        cellCount += 1;
      }
      scripts.set(name, { ...cell, name });
    },
    addModule(identifier, file, script) {
      scripts.set(identifier, { ...script, name: path.relative(folder, file), file });
    },
    scripts: () =>
      [...scripts].map(([url, { code, emitted, map, segments, source, file }]) => ({
        ...{ url, code, emitted, segments },
        ...(map === undefined ? {} : { map }),
        ...(source === undefined ? {} : { source }),
        ...(file === undefined ? {} : { file }),
      })),
    errorText: (error) => errorText(error, excerpt),
  };
}
