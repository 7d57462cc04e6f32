import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { fileDigest } from "../../src/files/file-digest.ts";

const folder = mkdtempSync(path.join(tmpdir(), "allroads digests "));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

test.each([0, 1, 2 ** 23 - 1, 2 ** 23, 2 ** 23 + 1])("the digest of %d bytes is their SHA-256", (length) => {
  const bytes = Buffer.alloc(length, "some text");
  writeFileSync(at(`of ${length}`), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(fileDigest(at(`of ${length}`))).toEqual({ bytes: length, sha256 });
});

test("a file that has changed has another digest, and one that is as it was is not read again", () => {
  writeFileSync(at("changed"), "before");
  const before = fileDigest(at("changed"));
  expect(fileDigest(at("changed"))).toBe(before);
  writeFileSync(at("changed"), "after");
  utimesSync(at("changed"), new Date(), new Date(1e12));
  expect(fileDigest(at("changed")).sha256).not.toBe(before.sha256);
  truncateSync(at("changed"), 2);
  expect(fileDigest(at("changed")).bytes).toBe(2);
});

test("a folder is refused by its name", () => {
  mkdirSync(at("folder"));
  expect(() => fileDigest(at("folder"))).toThrow(`${at("folder")} is not a regular file`);
});
