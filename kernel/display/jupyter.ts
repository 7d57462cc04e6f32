import { createRequire } from "node:module";
import { join } from "node:path";
import { kernelApi } from "./kernel-api.ts";
import { type MimeBundle, metadataOf } from "./mime-bundle.ts";

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

/** The parts of tslab's `dist/jupyter.js` that are used here. */
interface TslabJupyter {
  lastWriteDisplayData: ((message: DisplayMessage, update?: boolean) => void) | null;
  ZmqServer?: { prototype: { publishStatus?: PublishStatus } };
}

const patched = Symbol.for("allroads.display.patched");
const beforeIdle = new Set<() => void>();
let running: TslabJupyter | undefined;

/**
 * The tslab module that runs this notebook, found in the module cache. Importing tslab could load another copy of it,
 * which has no connection to the client.
 */
function runningTslab(): TslabJupyter | undefined {
  if (running?.lastWriteDisplayData) return running;
  const { cache } = createRequire(join(process.cwd(), "kernel.cjs"));
  for (const [path, module] of Object.entries(cache)) {
    if (!/[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path)) continue;
    const candidate = module?.exports as TslabJupyter | undefined;
    if (!candidate?.lastWriteDisplayData) continue;
    running = candidate;
    patchTslab(candidate);
    return running;
  }
  return undefined;
}

/** Runs `flush`. An error must not keep the cell's `idle` status from being sent. */
function flushSafely(flush: () => void): void {
  try {
    flush();
  } catch (error) {
    console.error(error);
  }
}

/**
 * Works around two ways in which tslab 1.0.22 loses output. Clients stop listening once a cell's `idle` status
 * arrives, so pending updates are sent just before it. And zeromq rejects more than 512 sends within one turn of the
 * event loop with EBUSY, which drops messages (if the `idle` status is dropped, the cell hangs); a send timeout of 0
 * without a high-water mark makes zeromq queue them.
 */
function patchTslab(tslab: TslabJupyter): void {
  const prototype = tslab.ZmqServer?.prototype as
    | (Record<symbol, boolean> & { publishStatus?: PublishStatus })
    | undefined;
  const original = prototype?.publishStatus;
  if (!prototype || !original || prototype[patched]) return;
  prototype[patched] = true;
  const configured = new WeakSet<IoPub>();
  prototype.publishStatus = function (status, parent) {
    const { iopub } = this;
    if (iopub && !configured.has(iopub)) {
      configured.add(iopub);
      iopub.sendTimeout = 0;
      iopub.sendHighWaterMark = 0;
    }
    if (status === "idle") for (const flush of [...beforeIdle]) flushSafely(flush);
    original.call(this, status, parent);
  };
}

/** Whether this process runs the cells of a notebook, on the Allroads kernel or on tslab. */
export function inJupyter(): boolean {
  return kernelApi() !== undefined || runningTslab() !== undefined;
}

/** Calls `flush` at the end of each cell, until the returned function is called. */
export function onCellEnd(flush: () => void): () => void {
  const api = kernelApi();
  if (api) return api.onCellEnd(flush);
  beforeIdle.add(flush);
  return () => beforeIdle.delete(flush);
}

/** The data of a bundle as in a message: bytes as base64, without undefined values. */
export function wireData(bundle: MimeBundle): MimeBundle {
  const data: MimeBundle = {};
  for (const [mime, value] of Object.entries(bundle)) {
    if (value === undefined) continue;
    data[mime] = value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  }
  return data;
}

/**
 * Sends a MIME bundle to the notebook as a `display_data` message, or with `update` as an `update_display_data` message
 * for `displayId`. Outside Jupyter it sends nothing and returns false.
 */
export function publish(bundle: MimeBundle, displayId?: string, update = false): boolean {
  const api = kernelApi();
  const metadata = metadataOf(bundle) ?? {};
  if (api) {
    api.display(bundle, metadata, displayId, update);
    return true;
  }
  const send = runningTslab()?.lastWriteDisplayData;
  if (!send) return false;
  send({ data: wireData(bundle), metadata, transient: displayId ? { display_id: displayId } : {} }, update);
  return true;
}
