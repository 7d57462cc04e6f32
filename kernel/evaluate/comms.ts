import { randomUUID } from "node:crypto";
import type { Comm, Comms, CommTarget } from "../display/kernel-api.ts";
import type { Content } from "../shared/content.ts";
import type { FromMainThread } from "../shared/thread-messages.ts";
import { currentRun } from "./run-context.ts";

/** The comms of a session. */
export interface SessionComms extends Comms {
  /** Handles a `comm_open`, `comm_msg` or `comm_close` message of a client. */
  receive(type: string, content: Content, metadata: Content, buffers: Uint8Array[]): void;
}

/** Creates the comms of a session. `send` posts to the protocol thread. */
export function openComms(send: (message: FromMainThread) => void): SessionComms {
  const targets = new Map<string, CommTarget>();
  const comms = new Map<string, Comm>();

  /** Tells the protocol thread which comms are open, for `comm_info_request`. */
  const reportOpen = () => {
    const open = [...comms].map(([id, { target }]) => [id, { target_name: target }] as const);
    send({ type: "comms", open: Object.fromEntries(open) });
  };
  const publish = (type: string, content: Content, metadata?: Content, buffers?: Uint8Array[]) =>
    send({ type: "comm", messageType: type, content, metadata, buffers, run: currentRun() });

  const create = (id: string, target: string): Comm => {
    const comm: Comm = {
      id,
      target,
      send: (data, metadata, buffers) => publish("comm_msg", { comm_id: id, data }, metadata, buffers),
      close(data = {}) {
        if (!comms.delete(id)) return;
        publish("comm_close", { comm_id: id, data });
        reportOpen();
      },
    };
    comms.set(id, comm);
    reportOpen();
    return comm;
  };

  return {
    register(target, open) {
      if (open) targets.set(target, open);
      else targets.delete(target);
    },
    open(target, data = {}, metadata = {}, buffers = []) {
      const comm = create(randomUUID(), target);
      publish("comm_open", { comm_id: comm.id, target_name: target, data }, metadata, buffers);
      return comm;
    },
    receive(type, content, metadata, buffers) {
      const message = { data: content.data, metadata, buffers };
      const id = String(content.comm_id);
      if (type === "comm_open") {
        const open = targets.get(content.target_name);
        if (!open) return publish("comm_close", { comm_id: id, data: {} });
        return open(create(id, content.target_name), message);
      }
      const comm = comms.get(id);
      if (type === "comm_msg") return comm?.onMessage?.(message);
      comms.delete(id);
      reportOpen();
      comm?.onClose?.(message);
    },
  };
}
