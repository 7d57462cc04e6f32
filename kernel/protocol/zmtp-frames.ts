/**
 * The frames of ZMTP 3.1, the protocol that ZeroMQ's sockets speak (https://rfc.zeromq.org/spec/37). Each frame has a
 * byte of flags, its length in one or eight bytes, and its body.
 */

const moreFlag = 1;
const longFlag = 2;
const commandFlag = 4;
const reservedFlags = 0xf8;

const greetingLength = 64;
const signatureLength = 10;

/** What each side sends first: a signature, the version, and the security mechanism, which is none. */
export function greeting(): Buffer {
  const bytes = Buffer.alloc(greetingLength);
  bytes[0] = 0xff;
  bytes[signatureLength - 1] = 0x7f;
  bytes[signatureLength] = 3;
  bytes[signatureLength + 1] = 1;
  bytes.write("NULL", signatureLength + 2, "latin1");
  return bytes;
}

/**
 * Returns a function that takes the first bytes of a peer and returns what follows its greeting; undefined while the
 * greeting is incomplete.
 *
 * @throws if they are not the greeting of ZMTP 3 without a security mechanism
 */
export function greetingReader(): (chunk: Buffer) => Buffer | undefined {
  let received: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const missing = greetingLength - received.length;
    received = Buffer.concat([received, chunk.subarray(0, missing)]);
    const expected = greeting();
    // The other bytes of the signature, and the minor version, are free.
    const isExpected = (index: number) => {
      if (index === signatureLength) return (received[index] ?? 0) >= 3;
      const isFree = (index > 0 && index < signatureLength - 1) || index === signatureLength + 1;
      return isFree || index >= 32 || received[index] === expected[index];
    };
    for (let index = 0; index < received.length; index++)
      if (!isExpected(index)) throw new Error("it does not speak ZMTP 3 without encryption");
    return chunk.length < missing ? undefined : chunk.subarray(missing);
  };
}

function frameHeader(length: number, flags: number): Buffer {
  if (length < 256) return Buffer.from([flags, length]);
  const header = Buffer.alloc(9);
  header[0] = flags | longFlag;
  header.writeBigUInt64BE(BigInt(length), 1);
  return header;
}

/** Frames from this length on are sent from their own memory; shorter ones are copied next to each other. */
const copyLimit = 16_384;

/** The bytes of a message: few pieces of memory that nothing else shares, to be sent one after the other. */
export function messageBytes(frames: readonly Uint8Array[]): Buffer[] {
  const pieces: Buffer[] = [];
  let small: Uint8Array[] = [];
  const joinSmall = () => {
    const length = small.reduce((sum, part) => sum + part.length, 0);
    // Not from Node's pool, which would be kept as a whole as long as the message is.
    const joined = Buffer.allocUnsafeSlow(length);
    let offset = 0;
    for (const part of small) {
      joined.set(part, offset);
      offset += part.length;
    }
    if (length > 0) pieces.push(joined);
    small = [];
  };
  for (const [index, frame] of frames.entries()) {
    small.push(frameHeader(frame.length, index < frames.length - 1 ? moreFlag : 0));
    if (frame.length < copyLimit) small.push(frame);
    else {
      joinSmall();
      pieces.push(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    }
  }
  joinSmall();
  return pieces;
}

/** A command: its name, and the bytes that follow it. */
export interface Command {
  name: string;
  body: Buffer;
}

/** The bytes of a command. */
export function commandBytes({ name, body }: Command): Buffer {
  const length = 1 + name.length + body.length;
  return Buffer.concat([
    frameHeader(length, commandFlag),
    Buffer.from([name.length]),
    Buffer.from(name, "latin1"),
    body,
  ]);
}

/** @throws if the frame is not a command */
function parseCommand(frame: Buffer): Command {
  const end = 1 + (frame[0] ?? 0);
  if (end === 1 || end > frame.length) throw new Error("it sent a command without a name");
  return { name: frame.toString("latin1", 1, end), body: frame.subarray(end) };
}

/**
 * The properties of a READY command by their names, which are not case-sensitive and are returned in lower case.
 *
 * @throws if the last property is incomplete
 */
export function parseProperties(body: Buffer): Map<string, Buffer> {
  const properties = new Map<string, Buffer>();
  for (let offset = 0; offset < body.length; ) {
    const nameEnd = offset + 1 + body.readUInt8(offset);
    const valueStart = nameEnd + 4;
    const valueEnd = valueStart <= body.length ? valueStart + body.readUInt32BE(nameEnd) : Infinity;
    if (valueEnd > body.length) throw new Error("it sent an incomplete property");
    const name = body.toString("latin1", offset + 1, nameEnd).toLowerCase();
    properties.set(name, body.subarray(valueStart, valueEnd));
    offset = valueEnd;
  }
  return properties;
}

/** The body of a READY command with these properties. */
export function propertyBytes(properties: Record<string, string>): Buffer {
  const parts = Object.entries(properties).flatMap(([name, value]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(value));
    return [Buffer.from([name.length]), Buffer.from(name, "latin1"), length, Buffer.from(value)];
  });
  return Buffer.concat(parts);
}

/** Receives what a `frameReader` has read. */
export interface FrameListener {
  onMessage(frames: Buffer[]): void;
  onCommand(command: Command): void;
}

/** Splits a peer's bytes into messages and commands. */
export interface FrameReader {
  /** @throws if the bytes are no frames, or if a message or command is longer than the limit */
  read(chunk: Buffer): void;
  /** The memory of what has been received of an incomplete message or command, in bytes. */
  pendingBytes(): number;
}

/** What a frame counts in addition to its bytes: about the memory of an object for it. */
const frameCost = 256;

/** The most bytes of a command. */
const longestCommand = 2 ** 16;

/**
 * Creates a frame reader. An incomplete message is kept as it was received, in at most twice its length, so that many
 * small frames take little more memory than their bytes.
 *
 * @param limit the most bytes of a message, asked for again at each frame
 */
export function frameReader({ onMessage, onCommand }: FrameListener, limit: () => number): FrameReader {
  /** Its first `length` bytes are what has been received from the first frame of the incomplete message on. */
  let store: Buffer = Buffer.alloc(0);
  let length = 0;
  /** Whether `store` is memory of this reader, and not a part of a chunk. */
  let isOwned = false;
  /** The bodies of that message's complete frames, as pairs of start and end. */
  let bodies: number[] = [];
  /** Where its next frame starts. */
  let next = 0;

  const append = (chunk: Buffer) => {
    if (length === 0) {
      store = chunk;
      isOwned = false;
    } else if (length + chunk.length > store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * store.length, length + chunk.length));
      store.copy(larger, 0, 0, length);
      chunk.copy(larger, length);
      store = larger;
      isOwned = true;
    } else chunk.copy(store, length);
    length += chunk.length;
  };

  const body = (start: number, end: number) => {
    const copied = Buffer.allocUnsafeSlow(end - start);
    store.copy(copied, 0, start, end);
    return copied;
  };

  /** Where the next frame's body starts and ends; undefined if its header is incomplete. */
  const nextFrame = () => {
    if (length - next < 2) return undefined;
    const flags = store.readUInt8(next);
    if ((flags & reservedFlags) !== 0) throw new Error("it sent a frame with unknown flags");
    const isLong = (flags & longFlag) !== 0;
    const start = next + (isLong ? 9 : 2);
    if (start > length) return undefined;
    const size = isLong ? Number(store.readBigUInt64BE(next + 1)) : store.readUInt8(next + 1);
    const end = start + size;
    const most = limit();
    if (end + (bodies.length / 2) * frameCost > most)
      throw new Error(`it sent a message or command of more than ${most} bytes`);
    if ((flags & commandFlag) !== 0 && size > longestCommand)
      throw new Error(`it sent a message or command of more than ${longestCommand} bytes`);
    return { flags, start, end };
  };

  return {
    pendingBytes: () => (length === 0 ? 0 : store.length + (bodies.length / 2) * frameCost),
    read(chunk) {
      append(chunk);
      for (let frame = nextFrame(); frame && frame.end <= length; frame = nextFrame()) {
        const { flags, start, end } = frame;
        next = end;
        const isCommand = (flags & commandFlag) !== 0;
        if (isCommand && bodies.length > 0) throw new Error("it sent a command within a message");
        if (!isCommand) bodies.push(start, end);
        if ((flags & moreFlag) !== 0 && !isCommand) continue;
        const command = isCommand ? parseCommand(body(start, end)) : undefined;
        const frames: Buffer[] = [];
        for (let index = 0; index < bodies.length; index += 2)
          frames.push(body(bodies[index]!, bodies[index + 1]!));
        store = store.subarray(end, length);
        isOwned = false;
        length -= end;
        next = 0;
        bodies = [];
        if (command) onCommand(command);
        else onMessage(frames);
      }
      // What is left is copied, so that the memory of the messages before it is freed.
      if (!isOwned) store = body(0, length);
      isOwned = true;
    },
  };
}
