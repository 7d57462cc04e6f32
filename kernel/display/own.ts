import type { MimeBundle } from "./jupyter.ts";

/** What a comm carries: data, with metadata and binary buffers. */
export interface CommMessage {
  data: unknown;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** A conversation between a cell and an object in the client. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, metadata?: Record<string, unknown>, buffers?: Uint8Array[]): void;
  close(data?: unknown): void;
  onMessage?: ((message: CommMessage) => void) | undefined;
  onClose?: ((message: CommMessage) => void) | undefined;
}

export type CommTarget = (comm: Comm, message: CommMessage) => void;

export interface Comms {
  /** Calls `open` whenever a client opens a comm of this name; undefined takes the target away. */
  register(target: string, open: CommTarget | undefined): void;
  /** Opens a comm from here. */
  open(target: string, data?: unknown, metadata?: Record<string, unknown>, buffers?: Uint8Array[]): Comm;
}

/** What Allroads' own kernel offers to the code that it runs. */
export interface OwnKernel {
  display(data: MimeBundle, metadata?: Record<string, unknown>, displayId?: string, update?: boolean): void;
  clearOutput(wait?: boolean): void;
  input(prompt: string, password?: boolean): string;
  comms: Comms;
  checkTypes(on: boolean): void;
  onCellEnd(flush: () => void): () => void;
}

/** Allroads' own kernel, where it runs this process. */
export function ownKernel(): OwnKernel | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("allroads.kernel")] as OwnKernel | undefined;
}

function needed(what: string): OwnKernel {
  const kernel = ownKernel();
  if (!kernel) throw new Error(`${what} works in a notebook on the Allroads kernel only.`);
  return kernel;
}

/** Takes away what the cell has shown so far; with `wait`, once there is something to show in its place. */
export function clearOutput(wait = false): void {
  needed("clearOutput").clearOutput(wait);
}

/** Asks whoever runs the notebook for a line and waits for it. A password is not shown while it is typed. */
export function ask(prompt: string, { password = false } = {}): string {
  return needed("ask").input(prompt, password);
}

/** Comms: conversations with what runs in the client. */
export function comms(): Comms {
  return needed("comms").comms;
}

/**
 * Turns the checking of types off, or on again, for the cells that run after this one. What they declare is known to
 * the checker all the same.
 */
export function checkTypes(on: boolean): void {
  needed("checkTypes").checkTypes(on);
}
