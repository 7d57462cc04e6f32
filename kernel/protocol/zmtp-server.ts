import { randomBytes } from "node:crypto";
import { lstatSync, unlinkSync } from "node:fs";
import { createServer } from "node:net";
import type { Endpoint } from "./connection.ts";
import { messageBytes } from "./zmtp-frames.ts";
import { openPeer, type Peer, type SocketType } from "./zmtp-peer.ts";

/** The most connections of one server. Further ones are refused. */
const mostPeers = 1000;

/** Time within which a peer that is far behind must catch up, in ms. */
const catchUpTime = 10_000;

/** How long the end of a server waits until its peers have read everything, in ms. */
const closingTime = 1000;

/** The memory of incomplete messages of all peers that have not sent a valid message yet. */
export interface UnknownPeers {
  /** The most bytes of all of them together. If they need more, the peer that needs most is disconnected. */
  readonly limit: number;
  has(peer: Peer): boolean;
  set(peer: Peer, bytes: number): void;
  delete(peer: Peer): void;
}

/** Creates the account of unknown peers, which several servers can share. */
export function createUnknownPeers(limit: number): UnknownPeers {
  const bytesOf = new Map<Peer, number>();
  let sum = 0;
  const closeLargest = () => {
    const [first] = bytesOf;
    let largest = first;
    for (const entry of bytesOf) if (largest === undefined || entry[1] > largest[1]) largest = entry;
    largest?.[0].close("it sent an incomplete message that needs too much memory");
  };
  return {
    limit,
    has: (peer) => bytesOf.has(peer),
    set(peer, bytes) {
      sum += bytes - (bytesOf.get(peer) ?? 0);
      bytesOf.set(peer, bytes);
      if (sum > limit) closeLargest();
    },
    delete(peer) {
      sum -= bytesOf.get(peer) ?? 0;
      bytesOf.delete(peer);
    },
  };
}

export interface ServerOptions {
  type: SocketType;
  endpoint: Endpoint;
  /** The most bytes of a message. */
  longestMessage: number;
  /** What one peer may leave unread, in bytes. A peer that is further behind is disconnected. */
  mostUnread: number;
  /** A peer that has left more bytes unread for a while is disconnected too. */
  farBehind?: number;
  unknownPeers: UnknownPeers;
  /** Checks a message of the peer with an identity. Returns the function that handles it, if it is valid. */
  onMessage?(identity: Buffer, frames: Buffer[]): (() => void) | undefined;
  /** Handles a new subscription. The function sends a message to the subscriber, unless it has much to read. */
  onSubscription?(topic: Buffer, answer: (frames: readonly Uint8Array[]) => void): void;
  /** Called with a sentence the first time that a client is disconnected for a reason. */
  warn(message: string): void;
}

/** A bound ZeroMQ socket. */
export interface Server {
  /** Sends a message to the peer with an identity, or drops it if there is none. */
  send(identity: Uint8Array, frames: readonly Uint8Array[]): void;
  /** Sends a message to all subscribers of its first frame. */
  publish(frames: readonly Uint8Array[]): void;
  /** Whether a peer has left more than `farBehind` bytes unread. It will soon have read them or be disconnected. */
  isFarBehind(): boolean;
  /** Stops listening, and resolves once all messages are sent, or after a second. */
  close(): Promise<void>;
}

/** Removes the file of a Unix socket that an earlier process has left behind. */
function removeStaleSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
}

/**
 * Binds a ZeroMQ socket. What it keeps in memory for its peers is limited: there is no such limit in libzmq, whose
 * high-water marks count messages of any length and any number of frames.
 */
export function openServer(options: ServerOptions): Server {
  const { type, endpoint, longestMessage, mostUnread, unknownPeers, warn } = options;
  const { farBehind = Number.POSITIVE_INFINITY } = options;
  const peers = new Set<Peer>();
  /** The identities of the peers that have completed the handshake. */
  const identities = new Map<Peer, Buffer>();
  /** The peer that messages to an identity are sent to. */
  const byIdentity = new Map<string, Peer>();
  const warned = new Set<string>();
  const keyOf = (identity: Uint8Array) => Buffer.from(identity).toString("latin1");

  const warnOnce = (reason: string) => {
    if (!warned.has(reason)) warn(`A client was disconnected: ${reason}.`);
    warned.add(reason);
  };
  /** The peers that are far behind, with the timers that disconnect them. */
  const slowPeers = new Map<Peer, NodeJS.Timeout>();
  const stopTimer = (peer: Peer) => {
    clearTimeout(slowPeers.get(peer));
    slowPeers.delete(peer);
  };
  const checkProgress = (peer: Peer) => {
    if (peer.unread() <= farBehind) return stopTimer(peer);
    if (slowPeers.has(peer)) return;
    const disconnect = () => peer.close(`it has left more than ${farBehind} bytes unread for a while`);
    slowPeers.set(peer, setTimeout(disconnect, catchUpTime).unref());
  };

  /** Gives the identity of a peer that has left to another one with the same, if there is one. */
  const passOn = (identity: Buffer) => {
    byIdentity.delete(keyOf(identity));
    for (const [peer, other] of identities) if (other.equals(identity)) byIdentity.set(keyOf(identity), peer);
  };
  const limits = {
    unread: mostUnread,
    message: (peer: Peer) =>
      unknownPeers.has(peer) ? Math.min(longestMessage, unknownPeers.limit) : longestMessage,
  };

  const server = createServer({ noDelay: true }, (socket) => {
    const connected = openPeer(socket, type, limits, {
      onReady(peer, chosen) {
        // Chosen identities do not begin with 0.
        const isChosen = chosen.length > 0 && chosen[0] !== 0;
        const identity = isChosen ? chosen : Buffer.concat([Buffer.alloc(1), randomBytes(8)]);
        identities.set(peer, identity);
        // A client that connects again before its old connection has ended gets its identity with a valid message.
        if (!byIdentity.has(keyOf(identity))) byIdentity.set(keyOf(identity), peer);
      },
      onMessage(peer, frames) {
        const identity = identities.get(peer);
        const handle = identity && options.onMessage?.(identity, frames);
        if (!handle) return;
        unknownPeers.delete(peer);
        byIdentity.set(keyOf(identity), peer);
        handle();
      },
      onSubscription: (peer, topic) =>
        options.onSubscription?.(topic, (frames) => peer.answer(messageBytes(frames))),
      onProgress: checkProgress,
      onRead(peer, pendingBytes) {
        if (unknownPeers.has(peer)) unknownPeers.set(peer, pendingBytes);
      },
      onClose(peer, reason) {
        const identity = identities.get(peer);
        identities.delete(peer);
        if (identity && byIdentity.get(keyOf(identity)) === peer) passOn(identity);
        peers.delete(peer);
        stopTimer(peer);
        unknownPeers.delete(peer);
        if (reason !== undefined) warnOnce(reason);
      },
    });
    peers.add(connected);
    unknownPeers.set(connected, 0);
  });
  server.maxConnections = mostPeers;
  server.on("drop", () => warnOnce(`there are more than ${mostPeers} connections to one port`));
  server.on("error", (error) => {
    if (!server.listening) throw error;
    warnOnce(error.message);
  });
  if ("path" in endpoint) removeStaleSocket(endpoint.path);
  server.listen(endpoint);

  return {
    send: (identity, frames) => byIdentity.get(keyOf(identity))?.send(frames),
    publish(frames) {
      const [topic = Buffer.alloc(0)] = frames;
      const bytes = messageBytes(frames);
      for (const peer of identities.keys()) {
        if (!peer.subscribes(topic)) continue;
        peer.write(bytes);
        checkProgress(peer);
      }
    },
    isFarBehind: () => slowPeers.size > 0,
    async close() {
      server.close();
      const ended = Promise.all([...identities.keys()].map((peer) => peer.end()));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, closingTime).unref())]);
      for (const peer of [...peers]) peer.close("the kernel has ended");
    },
  };
}
