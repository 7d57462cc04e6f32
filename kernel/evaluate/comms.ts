import { randomUUID } from "node:crypto";
import type { Comm, Comms, CommTarget } from "../display/kernel-api.ts";
import type { FromMain } from "../protocol/bridge.ts";
import type { Content } from "../protocol/wire.ts";

/** The comms of a session, and what deals with the messages of its clients. */
export interface SessionComms extends Comms {
  receive(kind: string, content: Content, metadata: Content, buffers: Uint8Array[]): void;
}

/** The comms of a session. */
export function openComms(send: (message: FromMain) => void): SessionComms {
  const targets = new Map<string, CommTarget>();
  const comms = new Map<string, Comm>();

  const tell = () => {
    const open = [...comms].map(([id, { target }]) => [id, { target_name: target }] as const);
    send({ type: "comms", open: Object.fromEntries(open) });
  };
  const publish = (kind: string, content: Content, metadata?: Content, buffers?: Uint8Array[]) =>
    send({ type: "comm", kind, content, metadata, buffers });

  const create = (id: string, target: string): Comm => {
    const comm: Comm = {
      id,
      target,
      send: (data, metadata, buffers) => publish("comm_msg", { comm_id: id, data }, metadata, buffers),
      close(data = {}) {
        if (!comms.delete(id)) return;
        publish("comm_close", { comm_id: id, data });
        tell();
      },
    };
    comms.set(id, comm);
    tell();
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
    receive(kind, content, metadata, buffers) {
      const message = { data: content.data, metadata, buffers };
      const id = String(content.comm_id);
      if (kind === "comm_open") {
        const open = targets.get(content.target_name);
        if (!open) return publish("comm_close", { comm_id: id, data: {} });
        return open(create(id, content.target_name), message);
      }
      const comm = comms.get(id);
      if (kind === "comm_msg") return comm?.onMessage?.(message);
      comms.delete(id);
      tell();
      comm?.onClose?.(message);
    },
  };
}
