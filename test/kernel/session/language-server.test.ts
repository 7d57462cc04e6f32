import fc from "fast-check";
import { expect, test } from "vitest";
import { messageReader } from "../../../kernel/session/language-server.ts";

test("messages are read from chunks of any size", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.integer({ min: 1, max: 9 }), (texts, size) => {
      const bytes = Buffer.concat(
        texts.map((text) => Buffer.from(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)),
      );
      const received: string[] = [];
      const read = messageReader((text) => received.push(text));
      for (let start = 0; start < bytes.length; start += size) read(bytes.subarray(start, start + size));
      expect(received).toEqual(texts);
    }),
  );
});
