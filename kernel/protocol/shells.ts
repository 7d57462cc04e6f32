import { randomUUID } from "node:crypto";
import type { Content } from "../shared/content.ts";
import type { Outcome } from "../shared/thread-messages.ts";
import { type ExecutionDeps, openCellExecution } from "./cell-execution.ts";
import { openExecutionQueue } from "./execution-queue.ts";
import type { Message } from "./wire.ts";

/**
 * The main shell, and the subshells that clients have created (Jupyter's enhancement proposal 91). Each handles its
 * requests one after the other. All run their cells on the same thread: a cell of one shell runs while those of the
 * others wait, as for an `await`.
 */
export interface Shells {
  /** Queues an `execute_request` or comm message in the shell that its header names. */
  add(message: Message): void;
  /** Cancels the cells that have not started to run yet. */
  interrupt(): void;
  /** Gives the running cells an outcome, and aborts all others. Resolves once they are answered. */
  end(outcome: Outcome): Promise<void>;
  /** The content of a `create_subshell_reply`. */
  create(): Content;
  /** The content of a `delete_subshell_reply`. Queued cells are aborted; the one that runs is finished. */
  delete(content: Content): Content;
  /** The content of a `list_subshell_reply`. */
  list(): Content;
}

export function openShells(deps: ExecutionDeps, isOpenComm: (id: unknown) => boolean): Shells {
  const { sockets, runs } = deps;
  const execution = openCellExecution(deps);
  /** The requests that are being handled. */
  const busy = new Set<Message>();
  let onIdle = () => {};

  const publishStatus = (state: "busy" | "idle", request: Message) => {
    if (state === "busy") busy.add(request);
    else busy.delete(request);
    sockets.publish("status", { execution_state: state }, request);
    // Clients that show one status for the kernel would show the idle one.
    const [other] = busy;
    if (state === "idle" && other) sockets.publish("status", { execution_state: "busy" }, other);
    if (!other) onIdle();
  };
  const openQueue = () => openExecutionQueue({ execution, runs, isOpenComm, publishStatus });
  const main = openQueue();
  const subshells = new Map<string, ReturnType<typeof openQueue>>();

  const all = () => [main, ...subshells.values()];
  const interrupt = () => {
    for (const shell of all()) shell.interrupt();
  };

  const shellOf = ({ header }: Message) => {
    const { subshell_id: id } = header;
    return id === undefined || id === null ? main : subshells.get(id);
  };
  const unknown = (id: unknown) =>
    `There is no subshell ${JSON.stringify(id)}: create one by a create_subshell_request.`;

  return {
    add(message) {
      const shell = shellOf(message);
      if (shell) return shell.add(message);
      publishStatus("busy", message);
      if (message.header.msg_type === "execute_request")
        execution.refuse(message, unknown(message.header.subshell_id));
      publishStatus("idle", message);
    },
    interrupt,
    async end(outcome) {
      runs.end(outcome);
      interrupt();
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      if (busy.size > 0) await idle;
    },
    create() {
      const id = randomUUID();
      subshells.set(id, openQueue());
      return { status: "ok", subshell_id: id };
    },
    delete({ subshell_id: id }) {
      const shell = subshells.get(id);
      if (!shell) throw new RangeError(unknown(id));
      subshells.delete(id);
      shell.abort();
      return { status: "ok" };
    },
    list: () => ({ status: "ok", subshell_id: [...subshells.keys()] }),
  };
}
