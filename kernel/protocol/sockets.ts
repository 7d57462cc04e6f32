import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { Router, XPublisher } from "zeromq";
import { addressOf, type Connection } from "./connection.ts";
import { log } from "./process.ts";
import { type Content, decode, encode, type Header, type Message, replays } from "./wire.ts";

/** The version of Jupyter's messaging protocol that is spoken. */
export const protocolVersion = "5.4";

/** How long the first client may take to listen, in milliseconds. */
const patience = 2000;

export type Channel = "shell" | "control" | "stdin";

/** The five sockets of a kernel, as functions. */
export interface Sockets {
  /** Answers, or asks, the client that sent `to`. */
  send(channel: Channel, type: string, content: Content, to: Message): void;
  /** Tells every client. */
  publish(
    type: string,
    content: Content,
    parent: Message | undefined,
    metadata?: Content,
    buffers?: Uint8Array[],
  ): void;
  /** Sends what is still to be sent, and closes. */
  close(): Promise<void>;
}

/**
 * Binds the sockets of a connection and hands on each message that is signed as it must be, once; others are
 * dropped. Heartbeats are echoed, and whoever subscribes is welcomed.
 */
export function openSockets(
  connection: Connection,
  receive: (channel: Channel, message: Message) => void,
): Sockets {
  // A CommonJS package: required, it is there sooner than imported.
  const zeromq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");
  const { key, signature_scheme: scheme } = connection;
  const session = randomUUID();
  const routers = { shell: new zeromq.Router(), control: new zeromq.Router(), stdin: new zeromq.Router() };
  const iopub = new zeromq.XPublisher({ sendHighWaterMark: 0 });
  const heartbeat = new zeromq.Reply();
  const all = [...Object.values(routers), iopub, heartbeat];
  for (const router of Object.values(routers)) {
    router.sendHighWaterMark = 0;
    router.receiveHighWaterMark = 0;
  }
  for (const socket of all) socket.linger = 1000;
  for (const name of ["shell", "control", "stdin"] as const)
    routers[name].bindSync(addressOf(connection, name));
  iopub.bindSync(addressOf(connection, "iopub"));
  heartbeat.bindSync(addressOf(connection, "hb"));

  const header = (type: string): Header => ({
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: "kernel",
    date: new Date().toISOString(),
    version: protocolVersion,
  });

  /** A socket sends one message at a time: each waits for the one before it. */
  const queues = new Map<object, Promise<void>>();
  const enqueue = (socket: Router | XPublisher, frames: Uint8Array[]) => {
    const before = queues.get(socket) ?? Promise.resolve();
    queues.set(
      socket,
      before.then(() => socket.send(frames)).catch(() => {}),
    );
  };

  /** What is published before the first client listens is kept for it, for a while. */
  let early: Uint8Array[][] | undefined = [];
  const join = () => {
    const kept = early ?? [];
    early = undefined;
    for (const frames of kept) enqueue(iopub, frames);
  };
  setTimeout(join, patience).unref();

  const framesOf = (
    type: string,
    content: Content,
    parent?: Message,
    metadata = {},
    buffers: Uint8Array[] = [],
  ) => {
    const message = {
      identities: [Buffer.from(type === "stream" ? `stream.${content.name}` : type)],
      header: header(type),
      parent_header: parent?.header ?? {},
      metadata,
      content,
      buffers,
    };
    return encode(message, key, scheme);
  };
  const publish: Sockets["publish"] = (...message) => {
    const frames = framesOf(...message);
    if (early) early.push(frames);
    else enqueue(iopub, frames);
  };

  const isReplay = key === "" ? () => false : replays();
  const messageIn = (frames: Uint8Array[]): Message | undefined => {
    try {
      const message = decode(frames, key, scheme);
      return isReplay(frames) ? undefined : message;
    } catch {
      return undefined;
    }
  };
  const listen = async (channel: Channel) => {
    for await (const frames of routers[channel]) {
      const message = messageIn(frames);
      try {
        if (message) receive(channel, message);
      } catch (error) {
        log(`A message was not dealt with: ${(error as Error).message}`);
      }
    }
  };
  const echo = async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };
  const welcome = async () => {
    for await (const [subscription] of iopub) {
      if (subscription?.[0] !== 1) continue;
      const topic = Buffer.from(subscription.subarray(1)).toString();
      enqueue(iopub, framesOf("iopub_welcome", { subscription: topic }));
      join();
    }
  };
  const ignore = () => {};
  for (const loop of [listen("shell"), listen("control"), listen("stdin"), echo(), welcome()])
    loop.catch(ignore);

  return {
    publish,
    send(channel, type, content, to) {
      const message = {
        identities: to.identities,
        header: header(type),
        parent_header: to.header,
        metadata: {},
        content,
        buffers: [],
      };
      enqueue(routers[channel], encode(message, key, scheme));
    },
    async close() {
      await Promise.all(queues.values());
      for (const socket of all) socket.close();
    },
  };
}
