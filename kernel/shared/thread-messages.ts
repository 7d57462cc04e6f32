import type { MessagePort } from "node:worker_threads";
import type { BundleMetadata, MimeBundle } from "../display/mime-bundle.ts";
import type { Content } from "./content.ts";
import type { Segment } from "./edits.ts";

/** A script that is ready to run, with the data that maps its locations back to the TypeScript source. */
export interface Script {
  code: string;
  /** The JavaScript compiled from the source. `code` was made from it by edits. */
  emitted: string;
  /** The ranges of `emitted` that are unchanged in `code`. */
  segments: Segment[];
  /** The source map from `emitted` to the source; undefined if they are the same. */
  map?: string;
  /** What an ES module imports and exports. */
  links?: ModuleLinks;
}

/** The module system that a local module is compiled for. */
export type ModuleFormat = "esm" | "cjs";

/** A range of offsets in a script's code. */
type Range = [start: number, end: number];

/** A statement of a module that imports or re-exports names. */
export interface ModuleRequest {
  specifier: string;
  range: Range;
  names: {
    /** The exported name; "*" is the namespace. */
    name: string;
    /** The specifiers that vanish if the name turns out to be a type: of the import and of its exports. */
    ranges: Range[];
    /** Whether nothing in the module shows that the name is a value. */
    mayBeType: boolean;
  }[];
}

/** What a module imports and exports. */
export interface ModuleLinks {
  requests: ModuleRequest[];
  /** The exported names that the module declares. */
  exports: string[];
  /** The exported names that it takes from other modules. */
  reexports: Record<string, { specifier: string; name: string }>;
  /** The specifiers of `export *`. */
  stars: string[];
}

/** A compiled cell or expression. */
export interface CompiledCell extends Script {
  /** The imports: each specifier with pairs [exported name, local name]. The exported name "*" is the namespace. */
  imports: { specifier: string; names: [string, string][]; attributes?: Record<string, string> }[];
  source: string;
}

/** The content of an `error` message. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An error as the main thread describes it; the parts are texts of limited length. */
export interface ErrorText {
  ename: string;
  evalue: string;
  /** Lines of the cell that failed, with colours; "" if there are none. */
  excerpt: string;
  /** The stack trace. Its characters that are not seen have yet to be shown. */
  text: string;
}

/** The error of an interrupted cell. */
export const interruptedError: ErrorContent = {
  ename: "Interrupted",
  evalue: "The cell was interrupted.",
  traceback: ["Interrupted: The cell was interrupted."],
};

/** Messages from the protocol thread to the main thread, which evaluates cells. */
export type ToMainThread =
  | {
      type: "run";
      id: number;
      count: number;
      name: string;
      cell: CompiledCell;
      expressions: CompiledCell[];
    }
  /** `runs` are the ids of the messages that have no outcome yet. */
  | { type: "interrupt"; sequence: number; runs: number[] }
  | {
      type: "comm";
      id: number;
      messageType: string;
      content: Content;
      metadata: Content;
      buffers: Uint8Array[];
    }
  | { type: "transformed"; id: number; result: Script | { error: string } }
  /** An answer to "line"; without a line if the client does not support input. */
  | { type: "line"; line: string | undefined }
  | { type: "shutdown" };

/** The value of an expression as a MIME bundle, or its error. */
export type Shown = { data: MimeBundle } | { error: ErrorText };

/** The outcome of a cell or comm message on the main thread. */
export type Outcome =
  /** `data` shows the cell's value, if it has one; `expressions` has the expressions' values by their indices. */
  | {
      data: MimeBundle | undefined;
      metadata?: BundleMetadata | undefined;
      expressions: Record<number, Shown>;
    }
  | { error: ErrorText }
  | { interrupted: true };

/**
 * Messages from the main thread to the protocol thread. `run` is the id of the run that an output belongs to, `size` its
 * number of characters.
 */
export type FromMainThread =
  | { type: "done"; id: number; outcome: Outcome }
  | { type: "stream"; name: "stdout" | "stderr"; text: string; run: number | undefined; size: number }
  | { type: "display"; content: Content; update: boolean; run: number | undefined; size: number }
  | { type: "clear"; wait: boolean; run: number | undefined }
  | {
      type: "comm";
      messageType: string;
      content: Content;
      metadata?: Content | undefined;
      buffers?: Uint8Array[] | undefined;
      run: number | undefined;
    }
  | { type: "comms"; open: Record<string, { target_name: string }> }
  | { type: "input"; prompt: string; password: boolean; run: number | undefined }
  /** Asks for a line of the standard input, without waiting for it. */
  | { type: "line"; run: number }
  /** The main thread waits until the output of child processes so far has been read. */
  | { type: "settle" }
  /** The main thread waits for the address to which child processes write their output. */
  | { type: "output"; name: "stdout" | "stderr"; run: number | undefined }
  | { type: "transform"; id: number; path: string; source: string; identifier: string }
  /** The main thread waits for the answer, a `Script` or an error. */
  | { type: "compile"; path: string; source: string }
  | { type: "modules"; paths: string[] }
  /** The process is about to end. The main thread waits for `flag.endTold`. */
  | { type: "end"; reason: string; failed: boolean; run: number | undefined }
  | { type: "check"; request: unknown };

/** Where a child process's output is sent to, and the line by which the connection must begin. */
export interface OutputAddress {
  path: string;
  token: string;
}

/** What both threads share from the start. */
export interface SharedState {
  connectionFile: string;
  /** The notebook's folder. */
  folder: string;
  /** Shared memory: see `flag`. */
  flags: Int32Array;
  /** Sends answers to the requests that the main thread waits for. */
  answers: MessagePort;
}

/** Indices into `SharedState.flags`. */
export const flag = {
  /** The sequence number of the last interrupt that the main thread has handled. */
  lastInterrupt: 0,
  /** 1 once the request that the main thread waits for has been answered. */
  answered: 1,
  /** 1 if cells are to run in uncaught mode. */
  uncaughtMode: 2,
  /** The number of times V8 was told to terminate the main thread's execution. */
  terminations: 3,
  /** The size of the output that the protocol thread has taken from the main thread, modulo 2³². */
  taken: 4,
  /** 1 once the clients have been told that the process ends. */
  endTold: 5,
} as const;

/** A new array of the flags, in shared memory. */
export const createFlags = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer(4 * Object.keys(flag).length));
