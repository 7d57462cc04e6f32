import type { MessagePort } from "node:worker_threads";
import type { MimeBundle } from "../display/jupyter.ts";
import type { Piece } from "../session/edits.ts";
import type { Content } from "./wire.ts";

/** A script that is ready to run, with what maps its places back to the source. */
export interface Script {
  code: string;
  /** The JavaScript of the source, and what of it lies where in `code`. */
  emitted: string;
  pieces: Piece[];
  /** Its source map, unless it is the source itself. */
  map?: string;
}

/** A cell, or an expression. */
export interface Compiled extends Script {
  /** What the cell imports: each specifier with its bindings, [imported name, name in the cell]; "*" is all. */
  imports: { specifier: string; names: [string, string][]; attributes?: Record<string, string> }[];
  source: string;
}

/** An error as Jupyter tells it. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** How a cell ends that was interrupted. */
export const interrupted: ErrorContent = {
  ename: "Interrupted",
  evalue: "The cell was interrupted.",
  traceback: ["Interrupted: The cell was interrupted."],
};

/** Where cells are evaluated: from the protocol's thread to the main one. */
export type ToMain =
  | {
      type: "run";
      id: number;
      count: number;
      name: string;
      cell: Compiled;
      expressions: Record<string, Compiled | ErrorContent>;
    }
  | { type: "interrupt"; sequence: number }
  | { type: "comm"; id: number; kind: string; content: Content; metadata: Content; buffers: Uint8Array[] }
  | { type: "transformed"; id: number; result: Script | { error: string } }
  | { type: "shutdown" };

export type Outcome =
  | {
      status: "ok";
      result?: { data: MimeBundle; metadata: Content };
      expressions: Content;
      payload: Content[];
    }
  | ({ status: "error" } & ErrorContent);

/** From the main thread to the protocol's. `run` is the id of the run that brought an output about. */
export type FromMain =
  | { type: "done"; id: number; outcome: Outcome }
  | { type: "stream"; name: "stdout" | "stderr"; text: string; run: number | undefined }
  | { type: "display"; content: Content; update: boolean; run: number | undefined }
  | { type: "clear"; wait: boolean; run: number | undefined }
  | {
      type: "comm";
      kind: string;
      content: Content;
      metadata?: Content | undefined;
      buffers?: Uint8Array[] | undefined;
    }
  | { type: "comms"; open: Record<string, { target_name: string }> }
  | { type: "input"; prompt: string; password: boolean }
  | { type: "transform"; id: number; path: string; source: string; identifier: string }
  | { type: "modules"; paths: string[] }
  | { type: "check"; on: boolean };

/** What both threads share from the start. */
export interface Shared {
  connectionFile: string;
  folder: string;
  /**
   * [0]: the last interrupt that the main thread has seen; [1]: 1 where an input has been answered; [2]: 1 where
   * the debugger is to see the errors of cells as uncaught; [3]: how often the engine was told to end what is run.
   */
  flags: Int32Array;
  /** Where answers of whoever runs the notebook go. */
  inputs: MessagePort;
}
