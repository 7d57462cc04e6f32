import type { Socket } from "node:net";
import { openWriteQueue } from "./write-queue.ts";
import {
  type Command,
  commandBytes,
  frameReader,
  greeting,
  greetingReader,
  messageBytes,
  parseProperties,
  propertyBytes,
} from "./zmtp-frames.ts";

/** The types of ZeroMQ sockets that a server can be. */
export type SocketType = "ROUTER" | "XPUB" | "REP";

/** The socket types that may connect to each type. */
const clientTypes: Record<SocketType, readonly string[]> = {
  ROUTER: ["DEALER", "REQ", "ROUTER"],
  XPUB: ["SUB", "XSUB"],
  REP: ["REQ", "DEALER"],
};

/** Time within which a peer must complete the handshake, in ms. */
const handshakeTime = 10_000;

/** The most topics a peer can subscribe to, and the most bytes of each. */
const mostTopics = 1000;
const longestTopic = 1000;

/** Answers to a peer that has more bytes to read are dropped. */
const mostUnreadAnswers = 2 ** 16;

/** What a peer's connection may keep in memory, in bytes. */
export interface PeerLimits {
  /** A message that is being received. */
  message(peer: Peer): number;
  /** Messages that the peer has not read yet. A peer that is further behind is disconnected. */
  unread: number;
}

/** Receives the events of a peer. */
export interface PeerListener {
  /** The handshake is complete. */
  onReady(peer: Peer, identity: Buffer): void;
  onMessage(peer: Peer, frames: Buffer[]): void;
  /** The peer has subscribed to a topic. */
  onSubscription(peer: Peer, topic: Buffer): void;
  /** The peer has read something. */
  onProgress(peer: Peer): void;
  /** A chunk has been read: the number of bytes kept of an incomplete message is now another. */
  onRead(peer: Peer, pendingBytes: number): void;
  /** The connection has ended. If the server ended it, `reason` says what the peer did. */
  onClose(peer: Peer, reason: string | undefined): void;
}

/** A connected ZeroMQ socket. */
export interface Peer {
  /** Sends a message. */
  send(frames: readonly Uint8Array[]): void;
  /** Sends a message whose bytes are already known. */
  write(bytes: readonly Buffer[]): void;
  /**
   * Sends what any peer can ask for, or drops it if the peer has much to read: it would otherwise be kept for each peer,
   * while published messages are kept once for all of them.
   */
  answer(bytes: readonly Buffer[]): void;
  /** The number of bytes that the peer has not read yet. */
  unread(): number;
  /** Whether the peer has subscribed to a prefix of a topic. */
  subscribes(topic: Uint8Array): boolean;
  /** Disconnects the peer at once. `reason` says what it did, and contains nothing that the peer has sent. */
  close(reason: string): void;
  /** Resolves once all messages are sent, and ends the connection. */
  end(): Promise<void>;
}

/** The subscriptions of a peer. */
function openSubscriptions() {
  /** How often each topic was subscribed to, by the topic's bytes as Latin-1. */
  const counts = new Map<string, number>();
  return {
    add(topic: Buffer) {
      const text = topic.toString("latin1");
      if (topic.length > longestTopic || (counts.size >= mostTopics && !counts.has(text)))
        throw new Error(
          `it subscribed to more than ${mostTopics} topics, or to one of more than ${longestTopic} bytes`,
        );
      counts.set(text, (counts.get(text) ?? 0) + 1);
    },
    remove(topic: Buffer) {
      const text = topic.toString("latin1");
      const count = counts.get(text) ?? 0;
      if (count > 1) counts.set(text, count - 1);
      else counts.delete(text);
    },
    matches(topic: Uint8Array) {
      if (counts.has("")) return true;
      const text = Buffer.from(topic).toString("latin1");
      for (const prefix of counts.keys()) if (text.startsWith(prefix)) return true;
      return false;
    },
  };
}

/** Shakes hands with a connecting peer, and passes its messages to the listener. */
export function openPeer(socket: Socket, type: SocketType, limits: PeerLimits, listener: PeerListener): Peer {
  const subscriptions = openSubscriptions();
  let readGreeting: ReturnType<typeof greetingReader> | undefined = greetingReader();
  let isReady = false;
  let closeReason: string | undefined;
  const writing = openWriteQueue(socket, () => listener.onProgress(peer));

  const peer: Peer = {
    send: (frames) => peer.write(messageBytes(frames)),
    write(bytes) {
      if (socket.destroyed) return;
      if (writing.length() > limits.unread)
        return peer.close(`it has left more than ${limits.unread} bytes unread`);
      writing.add(bytes);
    },
    answer(bytes) {
      if (writing.length() <= mostUnreadAnswers) peer.write(bytes);
    },
    unread: writing.length,
    subscribes: subscriptions.matches,
    close(reason) {
      closeReason ??= reason;
      socket.destroy();
    },
    end: () =>
      new Promise((resolve) => {
        socket.once("close", () => resolve());
        if (socket.destroyed) resolve();
        else writing.end();
      }),
  };

  const completeHandshake = ({ name, body }: Command) => {
    if (name !== "READY") throw new Error("it began with a command other than READY");
    const properties = parseProperties(body);
    const peerType = properties.get("socket-type")?.toString("latin1") ?? "";
    if (!clientTypes[type].includes(peerType))
      throw new Error(`its type of socket cannot connect to ${type}`);
    const identity = properties.get("identity") ?? Buffer.alloc(0);
    if (identity.length > 255) throw new Error("its identity is longer than 255 bytes");
    clearTimeout(handshakeTimer);
    isReady = true;
    listener.onReady(peer, identity);
  };
  const subscribe = (topic: Buffer) => {
    subscriptions.add(topic);
    listener.onSubscription(peer, topic);
  };
  const reader = frameReader(
    {
      onCommand(command) {
        if (!isReady) return completeHandshake(command);
        const { name, body } = command;
        // A ping's body is a time to live in two bytes, and what the answer must repeat.
        if (name === "PING") peer.answer([commandBytes({ name: "PONG", body: body.subarray(2, 18) })]);
        else if (name === "ERROR") throw new Error("it reported an error");
        else if (type === "XPUB" && name === "SUBSCRIBE") subscribe(body);
        else if (type === "XPUB" && name === "CANCEL") subscriptions.remove(body);
      },
      onMessage(frames) {
        if (!isReady) throw new Error("it sent a message before the handshake");
        const [first] = frames;
        if (type !== "XPUB") listener.onMessage(peer, frames);
        // The subscriptions of ZMTP 3.0: a byte 1 and a topic; the byte 0 ends it.
        else if (first?.[0] === 1) subscribe(first.subarray(1));
        else if (first?.[0] === 0) subscriptions.remove(first.subarray(1));
      },
    },
    () => limits.message(peer),
  );

  const handshakeTimer = setTimeout(() => peer.close("it did not complete the handshake"), handshakeTime);
  handshakeTimer.unref();
  socket.on("data", (chunk) => {
    if (socket.destroyed) return;
    try {
      let rest: Buffer | undefined = chunk;
      if (readGreeting) {
        rest = readGreeting(chunk);
        if (!rest) return;
        readGreeting = undefined;
        const body = propertyBytes({ "Socket-Type": type });
        writing.add([commandBytes({ name: "READY", body })]);
      }
      reader.read(rest);
      listener.onRead(peer, reader.pendingBytes());
    } catch (error) {
      peer.close((error as Error).message);
    }
  });
  // The event "close" follows.
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(handshakeTimer);
    listener.onClose(peer, closeReason);
  });
  writing.add([greeting()]);
  return peer;
}
