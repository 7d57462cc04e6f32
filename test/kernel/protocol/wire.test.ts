import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, type Message, replayDetector, sign } from "../../../kernel/protocol/wire.ts";

const json = fc.dictionary(fc.string(), fc.jsonValue());
const bytes = fc.uint8Array({ maxLength: 40 });
const identity = bytes.filter((frame) => Buffer.from(frame).toString() !== "<IDS|MSG>");
const header = fc.record({
  msg_id: fc.string(),
  msg_type: fc.string(),
  session: fc.string(),
  username: fc.string(),
  date: fc.string(),
  version: fc.string(),
});
const messages: fc.Arbitrary<Message> = fc.record({
  identities: fc.array(identity, { maxLength: 3 }),
  header,
  parent_header: header,
  metadata: json,
  content: json,
  buffers: fc.array(bytes, { maxLength: 3 }),
});
const comparable = (message: Message) => ({
  ...JSON.parse(JSON.stringify({ ...message, identities: [], buffers: [] })),
  identities: message.identities.map((frame) => [...frame]),
  buffers: message.buffers.map((frame) => [...frame]),
});

describe("encoding", () => {
  test("decoding the encoded frames gives the message, with and without a key", () => {
    fc.assert(
      fc.property(messages, fc.string(), (message, key) => {
        expect(comparable(decode(encode(message, key), key))).toEqual(comparable(message));
      }),
    );
  });

  test("the signature is HMAC-SHA256 (test case 2 of RFC 4231)", () => {
    expect(sign([Buffer.from("what do ya want "), Buffer.from("for nothing?")], "Jefe")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("a message is rejected if a part, its signature or the key was changed", () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 5 }), (message, changedIndex) => {
        const frames = encode({ ...message, identities: [] }, "key");
        const changed = frames.map((frame, index) =>
          index === changedIndex ? Buffer.concat([frame, frame]) : frame,
        );
        expect(() => decode(changed, "key")).toThrow(/signature/);
        expect(() => decode(frames, "another")).toThrow(/signature/);
      }),
    );
    expect(() => decode([Buffer.from("noise")], "key")).toThrow("Not a Jupyter message");
  });

  test("a message with an invalid header or content, or with too deep nesting, is rejected", () => {
    const framesOf = (header: unknown, content = "{}") => {
      const texts = [JSON.stringify(header), "null", "5", content];
      const parts = texts.map((part) => Buffer.from(part));
      return [Buffer.from("<IDS|MSG>"), Buffer.from(sign(parts, "key")), ...parts];
    };
    for (const header of [null, 5, [], {}, { msg_id: "a" }, { msg_id: 1, msg_type: "b" }])
      expect(() => decode(framesOf(header), "key")).toThrow("header");
    const header = { msg_id: "a", msg_type: "b", more: ["m"] };
    for (const content of ["null", '"c"', "[1]"])
      expect(() => decode(framesOf(header, content), "key")).toThrow("content");
    const deep = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(() => decode(framesOf(header, deep(100_000)), "key")).toThrow("nested");
    expect(decode(framesOf(header, deep(400)), "key")).toMatchObject({
      header,
      parent_header: {},
      metadata: {},
    });
  });

  test("a repetition of one of the last signed messages is detected", () => {
    const frames = (signature: string) =>
      ["id", "<IDS|MSG>", signature, "{}"].map((part) => Buffer.from(part));
    const isReplay = replayDetector(3);
    expect(["a", "b", "a", "c", "d", "a", "", ""].map((signature) => isReplay(frames(signature)))).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
