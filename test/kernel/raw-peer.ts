import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { commandBytes, greeting, messageBytes, propertyBytes } from "../../kernel/protocol/zmtp-frames.ts";

/** A connection to a ZeroMQ server that sends the bytes it is told to, and reads only if it is told to. */
export interface RawPeer {
  socket: Socket;
  /** Writes bytes. Resolves with false once the server has closed the connection, or reads nothing for a while. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Resolves once the server has closed the connection. */
  closed: Promise<void>;
}

/** How long the server may take to read, in ms. */
const patience = 3000;

/** Connects without a handshake. */
export async function connectRaw(options: NetConnectOpts): Promise<RawPeer> {
  const socket = connect(options);
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await Promise.race([once(socket, "connect"), closed]);
  const delay = () => new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
  return {
    socket,
    closed,
    async write(bytes) {
      if (socket.destroyed) return false;
      if (socket.write(bytes)) return true;
      const drained = new Promise<void>((resolve) => socket.once("drain", () => resolve()));
      await Promise.race([drained, closed, delay()]);
      return !socket.destroyed && !socket.writableNeedDrain;
    },
  };
}

/** Connects as a ZeroMQ socket of a type, and does not read anything after that. */
export async function connectPeer(options: NetConnectOpts, type: string, identity = ""): Promise<RawPeer> {
  const peer = await connectRaw(options);
  const body = propertyBytes({ "Socket-Type": type, Identity: identity });
  await peer.write(Buffer.concat([greeting(), commandBytes({ name: "READY", body })]));
  peer.socket.pause();
  return peer;
}

/** The bytes of a message. */
export const bytesOf = (...frames: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(messageBytes(frames.map((frame) => Buffer.from(frame))));

/** The beginning of a frame of a message that has more frames, or whose bytes are not all sent. */
export function frameStart(length: number, hasMore: boolean): Buffer {
  const header = Buffer.alloc(9);
  header[0] = 2 | (hasMore ? 1 : 0);
  header.writeBigUInt64BE(BigInt(length), 1);
  return header;
}
