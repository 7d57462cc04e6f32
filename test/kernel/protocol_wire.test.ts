import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, type Message, sign } from "../../kernel/protocol/wire.ts";

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
const plain = (message: Message) => ({
  ...JSON.parse(JSON.stringify({ ...message, identities: [], buffers: [] })),
  identities: message.identities.map((frame) => [...frame]),
  buffers: message.buffers.map((frame) => [...frame]),
});

describe("the wire", () => {
  test("a message is what its frames say, with a key and without", () => {
    fc.assert(
      fc.property(messages, fc.string(), (message, key) => {
        expect(plain(decode(encode(message, key), key))).toEqual(plain(message));
      }),
    );
  });

  test("the signature is HMAC-SHA256 as RFC 4231 gives it", () => {
    expect(sign([Buffer.from("what do ya want "), Buffer.from("for nothing?")], "Jefe")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("a message whose parts, signature or key were changed is refused", () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 5 }), (message, at) => {
        const frames = encode({ ...message, identities: [] }, "key");
        const changed = frames.map((frame, index) => (index === at ? Buffer.concat([frame, frame]) : frame));
        expect(() => decode(changed, "key")).toThrow(/signature/);
        expect(() => decode(frames, "another")).toThrow(/signature/);
      }),
    );
    expect(() => decode([Buffer.from("noise")], "key")).toThrow("no Jupyter message");
  });
});
