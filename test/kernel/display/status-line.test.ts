import { expect, test } from "vitest";
import { statusLine } from "../../../kernel/display/status-line.mjs";

/** A stream that records what is written to it. */
function recordingStream(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, line: statusLine(stream as NodeJS.WriteStream) };
}

test("each text replaces the previous one, and clear removes it", () => {
  const { written, line } = recordingStream(true);
  line.clear();
  line.show("one");
  line.show("two");
  line.clear();
  line.clear();
  expect(written).toEqual(["\r\u001b[Kone", "\r\u001b[Ktwo", "\r\u001b[K"]);
});

test("texts are cut to the width of the terminal", () => {
  const { written, line } = recordingStream(true, 10);
  line.show("123456789");
  line.show("1234567890");
  expect(written).toEqual(["\r\u001b[K123456789", "\r\u001b[K12345678…"]);
});

test("nothing is written if the stream is not a terminal", () => {
  const { written, line } = recordingStream(false);
  line.show("one");
  line.clear();
  expect(written).toEqual([]);
});

test("a text stays on its line and cannot command the terminal", () => {
  const { written, line } = recordingStream(true);
  line.show("a\nb\u001b[2J");
  expect(written).toEqual(["\r\u001b[Ka\\nb\\x1b[2J"]);
});
