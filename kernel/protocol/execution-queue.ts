import type { CellSource } from "../session/cells.ts";
import { log } from "../shared/log.ts";
import { type CellExecution, cellSource } from "./cell-execution.ts";
import type { Runs } from "./runs.ts";
import type { Message } from "./wire.ts";

export interface QueueDeps {
  execution: CellExecution;
  runs: Runs;
  /** Whether a comm is open. */
  isOpenComm(id: unknown): boolean;
  /** Publishes that a request is being handled, or has been handled. */
  publishStatus(state: "busy" | "idle", request: Message): void;
}

/**
 * Handles the `execute_request`s and comm messages of a shell, in the order in which they arrive. Only while a cell runs,
 * comm messages are handled at once: those that no other cell is in front of, and those of open comms, since the running
 * cell may wait for them. The cells in front of others may have yet to register their targets.
 */
export interface ExecutionQueue {
  add(message: Message): void;
  /** Cancels the current cell if it has not started to run yet. */
  interrupt(): void;
  /** Replies "aborted" to all queued execute requests. Comm messages stay in the queue. */
  abort(): void;
}

/** Delay before queued requests are aborted, in ms: requests sent together with the failed one may not be read yet. */
const abortDelay = 10;

const isCell = ({ header }: Message) => header.msg_type === "execute_request";

export function openExecutionQueue({
  execution,
  runs,
  isOpenComm,
  publishStatus,
}: QueueDeps): ExecutionQueue {
  const queue: Message[] = [];
  let isBusy = false;
  let isRunning = false;
  let cancel = () => {};

  function* queuedCells(): Iterable<CellSource> {
    for (const message of queue) if (typeof message.content.code === "string") yield cellSource(message);
  }

  const abort = () => {
    const aborted = queue.filter(isCell);
    queue.splice(0, queue.length, ...queue.filter((message) => !isCell(message)));
    for (const request of aborted) {
      publishStatus("busy", request);
      execution.abort(request);
      publishStatus("idle", request);
    }
  };

  /** Returns whether the requests behind the cell are to be aborted. */
  const runCell = async (request: Message): Promise<boolean> => {
    const shell = {
      queued: queuedCells,
      onCancel(cancelCell: () => void) {
        cancel = cancelCell;
      },
      publishBusy: () => publishStatus("busy", request),
      setRunning(value: boolean) {
        isRunning = value;
        deliverComms();
      },
    };
    const mustAbort = await execution.execute(request, shell);
    if (!mustAbort && !runs.isEnding()) return false;
    await new Promise((resolve) => setTimeout(resolve, abortDelay));
    return true;
  };

  const deliverComm = async (message: Message): Promise<boolean> => {
    publishStatus("busy", message);
    const { header, content, metadata, buffers } = message;
    const comm = { messageType: header.msg_type, content, metadata, buffers };
    await runs.start(message, (id) => ({ type: "comm", id, ...comm }));
    return runs.isEnding();
  };

  const handle = async (message: Message) => {
    const handled = isCell(message) ? runCell(message) : deliverComm(message);
    const mustAbort = await handled.catch((error: Error) => {
      log(`A message could not be handled: ${error.message}`);
      return false;
    });
    publishStatus("idle", message);
    if (mustAbort) abort();
  };

  /** The queued comm messages that need not wait until the running cell has ended. */
  const deliverableComms = (): Message[] => {
    let isBehindCell = false;
    const waiting = new Set<unknown>();
    return queue.filter((message) => {
      isBehindCell ||= isCell(message);
      const id = message.content.comm_id;
      // The messages of a comm keep their order.
      const waits = isCell(message) || waiting.has(id) || (isBehindCell && !isOpenComm(id));
      if (waits) waiting.add(id);
      return !waits;
    });
  };

  const deliverComms = () => {
    if (!isRunning || queue.every(isCell)) return;
    const delivered = deliverableComms();
    const kept = queue.filter((message) => !delivered.includes(message));
    queue.splice(0, queue.length, ...kept);
    for (const message of delivered) handle(message);
  };

  const processQueue = async () => {
    if (isBusy) return;
    isBusy = true;
    for (let message = queue.shift(); message; message = queue.shift()) {
      runs.begin(message);
      await handle(message);
    }
    isBusy = false;
  };

  return {
    add(message) {
      queue.push(message);
      if (runs.isEnding()) return abort();
      if (isBusy && !isCell(message)) deliverComms();
      processQueue();
    },
    interrupt: () => cancel(),
    abort,
  };
}
