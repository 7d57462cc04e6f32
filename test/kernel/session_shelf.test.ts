import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { murmur2 } from "../../kernel/debug/murmur2.ts";
import { cellName, edition, openShelf, shelfFolder, shelved } from "../../kernel/session/placeholder-files.ts";

const folder = mkdtempSync(join(tmpdir(), "shelf-"));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

test("its edition is that of what lies on it", () => {
  const texts = [...shelved()].map((file) => file.join("\n"));
  expect(murmur2(texts.join("\n"), 0).toString(16)).toBe(edition);
});

test("it is made once, whole, and by nobody else", () => {
  const { folder: made, size } = openShelf(folder);
  expect(readdirSync(folder)).toEqual([made.slice(folder.length + 1)]);
  expect(readdirSync(made)).toHaveLength(shelved().size);
  expect(readFileSync(join(made, cellName(size)), "utf8")).toBe(shelved().get(cellName(size)));
  const { ctimeMs } = statSync(made);
  expect(openShelf(folder)).toEqual({ folder: made, size });
  expect(statSync(made).ctimeMs).toBe(ctimeMs);
});

test("that of another user is not used", () => {
  const { folder: made } = openShelf(folder);
  expect(shelfFolder(folder)).toBe(made);
  const mine = process.getuid?.() ?? 0;
  vi.spyOn(process, "getuid").mockReturnValue(mine + 1);
  renameSync(made, made.replace(`-${mine}-`, `-${mine + 1}-`));
  expect(openShelf(folder).size).toBe(0);
  expect(shelfFolder(folder)).toBeUndefined();
  vi.restoreAllMocks();
});

test("where none can be made it is empty", () => {
  const missing = join(folder, "missing");
  expect(openShelf(missing)).toMatchObject({ size: 0 });
  expect(existsSync(missing)).toBe(false);
});
