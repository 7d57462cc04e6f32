import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readUtf8 } from "../../src/files/read-utf8.ts";
import { temporaryFolder } from "../temporary.ts";

test("a file's text is read whole, with its byte-order mark and through links", () => {
  const folder = temporaryFolder("read");
  const [file, link] = [path.join(folder, "a"), path.join(folder, "b")];
  writeFileSync(file, "\ufeffé\0😀\r\n");
  symlinkSync(file, link);
  expect(readUtf8(link, 12)).toBe("\ufeffé\0😀\r\n");
});

test("what is missing, long, not UTF-8 or not a file is refused", () => {
  const folder = temporaryFolder("read");
  const file = path.join(folder, "a");
  expect(() => readUtf8(file, 10)).toThrow("ENOENT");
  expect(() => readUtf8(folder, 10)).toThrow("it is not a regular file");
  writeFileSync(file, "eleven byte");
  expect(() => readUtf8(file, 10)).toThrow("it has 11 bytes and at most 10 are read");
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]]) {
    writeFileSync(file, Uint8Array.from(bytes));
    expect(() => readUtf8(file, 10)).toThrow("it is not UTF-8 text");
  }
});

test.skipIf(process.platform === "win32")("a pipe is refused instead of waited for", () => {
  const pipe = path.join(temporaryFolder("read"), "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => readUtf8(pipe, 10)).toThrow("it is not a regular file");
});
