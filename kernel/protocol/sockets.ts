import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { Router, XPublisher } from "zeromq";
import { addressOf, type Connection } from "./connection.ts";
import { log } from "./process.ts";
import { type Content, decode, encode, type Header, type Message, replayDetector } from "./wire.ts";

/** The implemented version of Jupyter's messaging protocol. */
export const protocolVersion = "5.4";

/** How long published messages are kept for the first subscriber, in ms. */
const subscriptionTimeout = 2000;

export type Channel = "shell" | "control" | "stdin";

/** The kernel's side of the five sockets of a connection. */
export interface Sockets {
  /** Sends a reply, or an input request, to the client that sent the message `to`. */
  send(channel: Channel, type: string, content: Content, to: Message): void;
  /** Publishes a message on iopub. */
  publish(
    type: string,
    content: Content,
    parent: Message | undefined,
    metadata?: Content,
    buffers?: Uint8Array[],
  ): void;
  /** Closes the sockets once all queued messages are sent. */
  close(): Promise<void>;
}

/**
 * Binds the sockets of a connection and passes each message to `receive`. Invalid, unsigned and replayed messages are
 * dropped. Heartbeats are echoed, and subscribers are sent `iopub_welcome`.
 */
export function openSockets(
  connection: Connection,
  receive: (channel: Channel, message: Message) => void,
): Sockets {
  // `require` loads this CommonJS package faster than `import`.
  const zeromq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");
  const { key, signature_scheme: scheme } = connection;
  const session = randomUUID();
  const routers = { shell: new zeromq.Router(), control: new zeromq.Router(), stdin: new zeromq.Router() };
  const iopub = new zeromq.XPublisher({ sendHighWaterMark: 0 });
  const heartbeat = new zeromq.Reply();
  const allSockets = [...Object.values(routers), iopub, heartbeat];
  for (const router of Object.values(routers)) {
    router.sendHighWaterMark = 0;
    router.receiveHighWaterMark = 0;
  }
  for (const socket of allSockets) socket.linger = 1000;
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

  /** The last pending send of each socket: a socket cannot send two messages at once. */
  const pendingSends = new Map<object, Promise<void>>();
  const enqueue = (socket: Router | XPublisher, frames: Uint8Array[]) => {
    const previous = pendingSends.get(socket) ?? Promise.resolve();
    pendingSends.set(
      socket,
      previous.then(() => socket.send(frames)).catch(() => {}),
    );
  };

  /** Messages published before the first subscription; undefined after it, or after the timeout. */
  let keptMessages: Uint8Array[][] | undefined = [];
  const sendKeptMessages = () => {
    const kept = keptMessages ?? [];
    keptMessages = undefined;
    for (const frames of kept) enqueue(iopub, frames);
  };
  setTimeout(sendKeptMessages, subscriptionTimeout).unref();

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
    if (keptMessages) keptMessages.push(frames);
    else enqueue(iopub, frames);
  };

  const isReplay = key === "" ? () => false : replayDetector();
  /** Decodes a message; undefined if it must be dropped. */
  const receivedMessage = (frames: Uint8Array[]): Message | undefined => {
    try {
      const message = decode(frames, key, scheme);
      return isReplay(frames) ? undefined : message;
    } catch {
      return undefined;
    }
  };
  const listen = async (channel: Channel) => {
    for await (const frames of routers[channel]) {
      const message = receivedMessage(frames);
      try {
        if (message) receive(channel, message);
      } catch (error) {
        log(`A message could not be handled: ${(error as Error).message}`);
      }
    }
  };
  const echo = async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };
  const welcome = async () => {
    for await (const [subscription] of iopub) {
      // The first byte is 1 for a subscription and 0 for its end.
      if (subscription?.[0] !== 1) continue;
      const topic = Buffer.from(subscription.subarray(1)).toString();
      enqueue(iopub, framesOf("iopub_welcome", { subscription: topic }));
      sendKeptMessages();
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
      await Promise.all(pendingSends.values());
      for (const socket of allSockets) socket.close();
    },
  };
}
