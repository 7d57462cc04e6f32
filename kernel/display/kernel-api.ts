import type { MimeBundle } from "./mime-bundle.ts";

/** The content of a comm message. */
export interface CommMessage {
  data: unknown;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** A comm: a channel between the kernel and an object in the client. */
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
  /** Registers a target: `open` is called when a client opens a comm to it. `undefined` removes the target. */
  register(target: string, open: CommTarget | undefined): void;
  /** Opens a comm to a target in the client. */
  open(target: string, data?: unknown, metadata?: Record<string, unknown>, buffers?: Uint8Array[]): Comm;
}

/** How types of cells are checked. */
export type Strictness = "strict" | "relaxed" | "off";

/** The API that the Allroads kernel offers to the code it runs. */
export interface KernelApi {
  display(data: MimeBundle, metadata?: Record<string, unknown>, displayId?: string, update?: boolean): void;
  clearOutput(wait?: boolean): void;
  input(prompt: string, password?: boolean): string;
  comms: Comms;
  checkTypes(strictness: boolean | Strictness): void;
  onCellEnd(flush: () => void): () => void;
}

/** The API of the Allroads kernel, or undefined if this process does not run in it. */
export function kernelApi(): KernelApi | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("allroads.kernel")] as KernelApi | undefined;
}

function requireKernel(what: string): KernelApi {
  const kernel = kernelApi();
  if (!kernel) throw new Error(`${what} works only in a notebook on the Allroads kernel.`);
  return kernel;
}

/** Clears the output of the cell; with `wait`, not before there is new output to replace it. */
export function clearOutput(wait = false): void {
  requireKernel("clearOutput").clearOutput(wait);
}

/** Asks the user of the notebook for a line of text and waits for it. A password is not echoed. */
export function ask(prompt: string, { password = false } = {}): string {
  return requireKernel("ask").input(prompt, password);
}

/** The comms of the kernel. */
export function comms(): Comms {
  return requireKernel("comms").comms;
}

/**
 * Sets how the types of the cells after this one are checked: with "strict", every error keeps a cell from running; with
 * "relaxed", only sure ones do, and doubtful ones are shown as warnings; with "off" or `false`, cells are not checked.
 * `true` turns checking on again. Declarations of unchecked cells are known to the checker as usual.
 */
export function checkTypes(strictness: boolean | Strictness): void {
  if (typeof strictness !== "boolean" && !["strict", "relaxed", "off"].includes(strictness))
    throw new TypeError(
      `checkTypes: ${JSON.stringify(strictness)} is no strictness: pass "strict", "relaxed", "off", true or false.`,
    );
  requireKernel("checkTypes").checkTypes(strictness);
}
