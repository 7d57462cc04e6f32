import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { murmur2 } from "../../../kernel/debug/murmur2.ts";
import {
  cellFileName,
  contentHash,
  openPlaceholderFiles,
  placeholderFolder,
  placeholderTexts,
} from "../../../kernel/session/placeholder-files.ts";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "placeholders-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

test("the content hash is that of the files' names and texts", () => {
  const texts = [...placeholderTexts()].map((file) => file.join("\n"));
  expect(murmur2(texts.join("\n"), 0).toString(16)).toBe(contentHash);
});

test("the files are created once", () => {
  const { folder, count } = openPlaceholderFiles(parent);
  expect(readdirSync(parent)).toEqual([folder.slice(parent.length + 1)]);
  expect(readdirSync(folder)).toHaveLength(placeholderTexts().size);
  const name = cellFileName(count);
  expect(readFileSync(join(folder, name), "utf8")).toBe(placeholderTexts().get(name));
  const { ctimeMs } = statSync(folder);
  expect(openPlaceholderFiles(parent)).toEqual({ folder, count });
  expect(statSync(folder).ctimeMs).toBe(ctimeMs);
});

test("a folder that belongs to another user is not used", () => {
  const { folder } = openPlaceholderFiles(parent);
  expect(placeholderFolder(parent)).toBe(folder);
  const uid = process.getuid?.() ?? 0;
  vi.spyOn(process, "getuid").mockReturnValue(uid + 1);
  renameSync(folder, folder.replace(`-${uid}-`, `-${uid + 1}-`));
  expect(openPlaceholderFiles(parent).count).toBe(0);
  expect(placeholderFolder(parent)).toBeUndefined();
});

test("without a writable directory there are no placeholders", () => {
  const missing = join(parent, "missing");
  expect(openPlaceholderFiles(missing)).toMatchObject({ count: 0 });
  expect(existsSync(missing)).toBe(false);
});
