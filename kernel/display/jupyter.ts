import { createRequire } from "node:module";
import { join } from "node:path";
import { ownKernel } from "./own.ts";

/** MIME type → data: text, JSON, or bytes (sent as base64). */
export type MimeBundle = Record<string, unknown>;

interface DisplayMessage {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

interface IoPub {
  sendTimeout: number;
  sendHighWaterMark: number;
}

interface Server {
  iopub?: IoPub;
}

type PublishStatus = (this: Server, status: string, parent: unknown) => void;

/** The part of tslab's `dist/jupyter.js` that is used here. */
interface TslabJupyter {
  lastWriteDisplayData: ((message: DisplayMessage, update?: boolean) => void) | null;
  ZmqServer?: { prototype: { publishStatus?: PublishStatus } };
}

const patched = Symbol.for("allroads.display.patched");
const beforeIdle = new Set<() => void>();
let running: TslabJupyter | undefined;

/**
 * The tslab that runs this notebook, found among the modules this process has loaded: a user may have started
 * a tslab other than the one beside this package, and only the running one has a cell's connection.
 */
function kernel(): TslabJupyter | undefined {
  if (running?.lastWriteDisplayData) return running;
  const { cache } = createRequire(join(process.cwd(), "kernel.cjs"));
  for (const [path, module] of Object.entries(cache)) {
    if (!/[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path)) continue;
    const candidate = module?.exports as TslabJupyter | undefined;
    if (!candidate?.lastWriteDisplayData) continue;
    running = candidate;
    steady(candidate);
    return running;
  }
  return undefined;
}

/** A display that cannot be sent must not take the cell's `idle` status with it. */
function attempt(flush: () => void): void {
  try {
    flush();
  } catch (error) {
    console.error(error);
  }
}

/**
 * Mends two things in tslab 1.0.22 that would lose output. Clients stop listening when a cell's `idle` status
 * arrives, so what is still held back is sent just before it. And zeromq answers more than 512 sends between
 * two turns of the event loop with EBUSY, which drops the message (even the `idle` itself, and the cell hangs);
 * a send timeout of 0 and no high-water mark let it queue them instead.
 */
function steady(tslab: TslabJupyter): void {
  const prototype = tslab.ZmqServer?.prototype as
    | (Record<symbol, boolean> & { publishStatus?: PublishStatus })
    | undefined;
  const original = prototype?.publishStatus;
  if (!prototype || !original || prototype[patched]) return;
  prototype[patched] = true;
  const steadied = new WeakSet<IoPub>();
  prototype.publishStatus = function (status, parent) {
    const { iopub } = this;
    if (iopub && !steadied.has(iopub)) {
      steadied.add(iopub);
      iopub.sendTimeout = 0;
      iopub.sendHighWaterMark = 0;
    }
    if (status === "idle") for (const flush of [...beforeIdle]) attempt(flush);
    original.call(this, status, parent);
  };
}

/** True inside a cell of a running kernel: Allroads' own or tslab. */
export function inJupyter(): boolean {
  return ownKernel() !== undefined || kernel() !== undefined;
}

/** Calls `flush` before each cell is reported as finished, until the returned function is called. */
export function onCellEnd(flush: () => void): () => void {
  const own = ownKernel();
  if (own) return own.onCellEnd(flush);
  beforeIdle.add(flush);
  return () => beforeIdle.delete(flush);
}

/** A bundle's data as they go over the wire: bytes as base64, nothing undefined. */
export function wireData(bundle: MimeBundle): MimeBundle {
  const data: MimeBundle = {};
  for (const [mime, value] of Object.entries(bundle)) {
    if (value === undefined) continue;
    data[mime] = value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  }
  return data;
}

/**
 * Sends one MIME bundle to the notebook as one `display_data` message, or, with `update`, replaces what was
 * sent under the same `displayId`. Returns false, and sends nothing, outside Jupyter.
 */
export function publish(bundle: MimeBundle, displayId?: string, update = false): boolean {
  const own = ownKernel();
  const send = own ? undefined : kernel()?.lastWriteDisplayData;
  if (own) own.display(bundle, {}, displayId, update);
  if (!send) return own !== undefined;
  send(
    { data: wireData(bundle), metadata: {}, transient: displayId ? { display_id: displayId } : {} },
    update,
  );
  return true;
}
