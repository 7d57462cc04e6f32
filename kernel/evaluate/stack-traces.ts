import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { visibleText } from "../display/visible.mjs";
import type { CompiledCell, ErrorContent, Script } from "../protocol/thread-messages.ts";
import { codeFrame } from "../session/diagnostics.ts";
import { type MappedScript, sourceLocation } from "../session/source-locations.ts";

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
  /** An error as the content of an `error` message: an excerpt of the cell that failed, then the stack trace. */
  errorContent(error: unknown): ErrorContent;
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

/** The first line of a stack trace: name and message of the error. */
function headLine(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** Replaces the stack traces of this process by source-mapped ones. `folder` is the notebook's. */
export function installStackTraces(folder: string): StackTraces {
  const scripts = new Map<string, TracedScript>();
  const cellNames = new Set<string>();

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

  Error.prepareStackTrace = (error, sites) =>
    [headLine(error), ...userFrames(sites).map((site) => `    at ${frameText(site)}`)].join("\n");

  /** A code frame for the topmost stack frame in a cell. */
  const excerpt = (stack: string): string[] => {
    for (const { groups = {} } of stack.matchAll(/(?<name>Cell \[[\d ]+\]):(?<line>\d+):(?<column>\d+)/g)) {
      const source = scripts.get(String(groups.name))?.source;
      if (source === undefined) continue;
      const start = { line: Number(groups.line) - 1, column: Number(groups.column) - 1, length: 1 };
      if (start.line < source.split("\n").length) return [...codeFrame(source, start), ""];
    }
    return [];
  };

  return {
    addCell(name, cell) {
      scripts.set(name, { ...cell, name });
      cellNames.delete(name);
      cellNames.add(name);
      const [oldest] = cellNames;
      if (oldest === undefined || cellNames.size <= cellLimit) return;
      cellNames.delete(oldest);
      scripts.delete(oldest);
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
    errorContent(error) {
      if (!(error instanceof Error)) {
        const text = visibleText(inspect(error));
        return { ename: "Uncaught", evalue: text, traceback: [`Uncaught ${text}`] };
      }
      // `inspect` puts errors without a stack into brackets.
      const text = visibleText(inspect(error).replace(/^\[([\s\S]*)\]$/, "$1"));
      return {
        ename: visibleText(String(error.name || error.constructor?.name || "Error")),
        evalue: visibleText(String(error.message)),
        traceback: [...excerpt(String(error.stack ?? "")), ...text.split("\n")],
      };
    },
  };
}
