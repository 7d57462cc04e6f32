import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Command,
  commandBytes,
  frameReader,
  greeting,
  greetingReader,
  messageBytes,
  parseProperties,
  propertyBytes,
} from "../../../kernel/protocol/zmtp-frames.ts";

type Item = { frames: string[] } | { command: string; body: string };

/** Reads chunks, and returns the messages and commands with their bytes as hexadecimal digits. */
function readAll(chunks: Iterable<Buffer>, limit = 1e9) {
  const items: Item[] = [];
  const onMessage = (frames: Buffer[]) =>
    items.push({ frames: frames.map((frame) => frame.toString("hex")) });
  const onCommand = ({ name, body }: Command) => items.push({ command: name, body: body.toString("hex") });
  const reader = frameReader({ onMessage, onCommand }, () => limit);
  for (const chunk of chunks) reader.read(chunk);
  return { items, pendingBytes: reader.pendingBytes() };
}

/** Cuts bytes into chunks of these sizes, again and again. */
function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let offset = 0;
  for (let index = 0; offset < bytes.length; index++) {
    const size = sizes[index % sizes.length]!;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

const body = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc
    .constantFrom(0, 1, 255, 256, 257, 16_383, 16_384, 70_000)
    .map((length) => new Uint8Array(length).fill(7)),
);
const message = fc.array(body, { minLength: 1, maxLength: 6 });
const command = fc.record({
  name: fc.constantFrom("READY", "PING", "SUBSCRIBE"),
  body: body.map((bytes) => Buffer.from(bytes.subarray(0, 60_000))),
});
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("messages and commands are read as they were written, however their bytes arrive", () => {
  const items = fc.array(
    fc.oneof(
      message.map((frames) => ({
        bytes: Buffer.concat(messageBytes(frames)),
        item: { frames: frames.map(hex) } as Item,
      })),
      command.map((each) => ({
        bytes: commandBytes(each),
        item: { command: each.name, body: hex(each.body) } as Item,
      })),
    ),
    { maxLength: 8 },
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(items, fc.oneof(fc.constant([1]), sizes), (written, chunkSizes) => {
      const read = readAll(cut(Buffer.concat(written.map(({ bytes }) => bytes)), chunkSizes));
      expect(read).toEqual({ items: written.map(({ item }) => item), pendingBytes: 0 });
    }),
    { numRuns: 60 },
  );
});

test("any bytes are read or refused, and what is kept of them is limited", () => {
  const limit = 1000;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 600 }), (bytes, size) => {
      const reader = frameReader({ onMessage() {}, onCommand() {} }, () => limit);
      try {
        for (const chunk of cut(Buffer.from(bytes), [size])) {
          reader.read(chunk);
          expect(reader.pendingBytes()).toBeLessThanOrEqual(2 * (limit + size));
        }
      } catch (error) {
        expect((error as Error).message).toMatch(/^it sent /);
      }
    }),
  );
});

describe("a message over the limit is refused", () => {
  const limit = 10_000;
  test("once the length of its frame is known", () => {
    const [bytes] = messageBytes([Buffer.alloc(limit + 1)]) as [Buffer];
    expect(() => readAll([bytes.subarray(0, 9)], limit)).toThrow(`more than ${limit} bytes`);
    expect(() => readAll(messageBytes([Buffer.alloc(limit - 9)]), limit)).not.toThrow();
  });

  test("if it has too many frames, even empty ones", () => {
    const frames = Buffer.alloc(2 * limit);
    for (let offset = 0; offset < frames.length; offset += 2) frames[offset] = 1;
    expect(() => readAll(cut(frames, [500]), limit)).toThrow(`more than ${limit} bytes`);
  });

  test("while many short ones are not", () => {
    const bytes = Buffer.concat(messageBytes([Buffer.alloc(100)]));
    const read = readAll([Buffer.concat(new Array<Buffer>(1000).fill(bytes))], limit);
    expect(read.items).toHaveLength(1000);
  });
});

test("the frames of a message have memory of their own", () => {
  const received: Buffer[] = [];
  const onMessage = (frames: Buffer[]) => received.push(...frames);
  const reader = frameReader({ onMessage, onCommand() {} }, () => 1e6);
  const chunk = Buffer.concat(messageBytes([Buffer.from("one"), Buffer.alloc(5000)]));
  reader.read(chunk);
  chunk.fill(0xff);
  expect(received.map((frame) => frame.buffer.byteLength)).toEqual([3, 5000]);
  expect(received[0]?.toString()).toBe("one");
});

test("a command within a message, one without a name, and unknown flags are refused", () => {
  const begun = Buffer.from([1, 1, 65]);
  expect(() => readAll([begun, commandBytes({ name: "PING", body: Buffer.alloc(2) })])).toThrow(
    "within a message",
  );
  expect(() => readAll([Buffer.from([4, 1, 0])])).toThrow("without a name");
  expect(() => readAll([Buffer.from([8, 0])])).toThrow("unknown flags");
});

describe("a greeting", () => {
  test("is recognized however it arrives, and what follows is returned", () => {
    for (const size of [1, 10, 63, 64, 67]) {
      const read = greetingReader();
      const bytes = Buffer.concat([greeting(), Buffer.from("abc")]);
      const rests = [...cut(bytes, [size])].map((chunk) => read(chunk));
      const first = rests.findIndex((rest) => rest !== undefined);
      expect(rests[first]?.length).toBe(Math.min(bytes.length, (first + 1) * size) - 64);
    }
  });

  test.each<[string, (bytes: Buffer) => void]>([
    ["another protocol", (bytes) => bytes.write("GET / HTTP/1.1")],
    ["an old version", (bytes) => bytes.writeUInt8(1, 10)],
    ["encryption", (bytes) => bytes.write("CURVE", 12)],
  ])("of %s is refused", (_, change) => {
    const bytes = greeting();
    change(bytes);
    expect(() => greetingReader()(bytes)).toThrow("does not speak ZMTP 3");
  });
});

test("properties are parsed, and incomplete ones are refused", () => {
  const bytes = propertyBytes({ "Socket-Type": "DEALER", Identity: "me", Other: "" });
  expect([...parseProperties(bytes)].map(([name, value]) => [name, value.toString()])).toEqual([
    ["socket-type", "DEALER"],
    ["identity", "me"],
    ["other", ""],
  ]);
  const complete = [0, 22, 37];
  for (let length = 0; length < bytes.length; length++)
    if (!complete.includes(length))
      expect(() => parseProperties(bytes.subarray(0, length))).toThrow("incomplete property");
});
