import { randomUUID } from "node:crypto";
import type { Content } from "../shared/content.ts";
import { log } from "../shared/log.ts";
import { type Connection, endpointOf } from "./connection.ts";
import { decode, encode, type Header, type Message, replayDetector } from "./wire.ts";
import { createUnknownPeers, openServer } from "./zmtp-server.ts";

/** The implemented version of Jupyter's messaging protocol. */
export const protocolVersion = "5.4";

/** How long published messages are kept for the first subscriber, in ms. */
const subscriptionTimeout = 2000;

/**
 * What clients can make the kernel keep in memory, in bytes.
 *
 * Messages that a client has not read yet are kept for it. Once it is `farBehind` on iopub, cells that print wait for it.
 * If it does not catch up within ten seconds, or if more than `mostUnread` has come to wait for it in another way, it is
 * disconnected and loses what it has not read. What is published to several clients is kept once.
 *
 * A client knows the key once it has sent a valid message. Before that its incomplete messages count towards
 * `unknownPeers`. Messages without a valid signature are dropped as soon as they are complete.
 */
const memory = {
  longestMessage: 2 ** 30,
  farBehind: 2 ** 27,
  mostUnread: 2 ** 28,
  unknownPeers: 2 ** 27,
  /** A subscription or a heartbeat, which any peer can send. */
  longestUnsigned: 2 ** 16,
  /** Messages published before the first subscription. The oldest are dropped. */
  mostKept: 2 ** 26,
};

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
  /** Whether a client has yet to read so much that no more should be published. This ends soon, by itself. */
  isBusy(): boolean;
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
  const { key, signature_scheme: scheme } = connection;
  const session = randomUUID();
  const shared = {
    unknownPeers: createUnknownPeers(memory.unknownPeers),
    mostUnread: memory.mostUnread,
    warn: log,
  };

  const header = (type: string): Header => ({
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: "kernel",
    date: new Date().toISOString(),
    version: protocolVersion,
  });

  /** Messages published before the first subscription; undefined after it, or after the timeout. */
  let keptMessages: Uint8Array[][] | undefined = [];
  let keptBytes = 0;
  const sizeOf = (frames: Uint8Array[]) => frames.reduce((sum, { length }) => sum + length, 0);
  const keep = (messages: Uint8Array[][], frames: Uint8Array[]) => {
    messages.push(frames);
    keptBytes += sizeOf(frames);
    while (keptBytes > memory.mostKept) keptBytes -= sizeOf(messages.shift() ?? []);
  };
  const sendKeptMessages = () => {
    const kept = keptMessages ?? [];
    keptMessages = undefined;
    for (const frames of kept) iopub.publish(frames);
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
    if (keptMessages) keep(keptMessages, frames);
    else iopub.publish(frames);
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
  const handle = (channel: Channel, message: Message) => {
    try {
      receive(channel, message);
    } catch (error) {
      log(`A message could not be handled: ${(error as Error).message}`);
    }
  };
  const listen = (channel: Channel) =>
    openServer({
      ...shared,
      type: "ROUTER",
      endpoint: endpointOf(connection, channel),
      longestMessage: memory.longestMessage,
      onMessage(identity, frames) {
        const message = receivedMessage([identity, ...frames]);
        return message && (() => handle(channel, message));
      },
    });
  const routers = { shell: listen("shell"), control: listen("control"), stdin: listen("stdin") };
  const iopub = openServer({
    ...shared,
    type: "XPUB",
    farBehind: memory.farBehind,
    endpoint: endpointOf(connection, "iopub"),
    longestMessage: memory.longestUnsigned,
    onSubscription(topic, answer) {
      answer(framesOf("iopub_welcome", { subscription: topic.toString() }));
      sendKeptMessages();
    },
  });
  const heartbeat = openServer({
    ...shared,
    type: "REP",
    endpoint: endpointOf(connection, "hb"),
    longestMessage: memory.longestUnsigned,
    mostUnread: memory.longestUnsigned,
    onMessage(identity, frames) {
      heartbeat.send(identity, frames);
      return undefined;
    },
  });

  return {
    publish,
    isBusy: iopub.isFarBehind,
    send(channel, type, content, to) {
      const message = {
        identities: to.identities,
        header: header(type),
        parent_header: to.header,
        metadata: {},
        content,
        buffers: [],
      };
      const [identity, ...frames] = encode(message, key, scheme);
      if (identity) routers[channel].send(identity, frames);
    },
    async close() {
      await Promise.all([...Object.values(routers), iopub, heartbeat].map((server) => server.close()));
    },
  };
}
