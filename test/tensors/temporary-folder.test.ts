import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../src/tensors/temporary-folder.ts";
import { temporaryFolder as testFolder } from "../temporary.ts";

afterEach(() => vi.unstubAllEnvs());

/** Makes a new folder with a mode the temporary folder. */
function stubTemporaryFolder(mode: number): string {
  const folder = realpathSync(testFolder("temporary"));
  chmodSync(folder, mode);
  vi.stubEnv("TMPDIR", folder);
  return folder;
}

test.each([0o700, 0o755, 0o1777])(
  "a temporary folder is closed to others, below a folder of mode %o",
  (mode) => {
    const parent = stubTemporaryFolder(mode);
    const folder = temporaryFolder("name-");
    expect(folder.startsWith(path.join(parent, "name-"))).toBe(true);
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  },
);

test("a temporary folder behind a link is created by its path without links", () => {
  const parent = stubTemporaryFolder(0o700);
  mkdirSync(path.join(parent, "real"));
  symlinkSync(path.join(parent, "real"), path.join(parent, "link"));
  vi.stubEnv("TMPDIR", path.join(parent, "link"));
  expect(path.dirname(temporaryFolder("name-"))).toBe(path.join(parent, "real"));
});

test.each([0o777, 0o775])("no temporary folder is created where others could replace it, mode %o", (mode) => {
  const parent = stubTemporaryFolder(mode);
  expect(() => temporaryFolder("name-")).toThrow(`${parent}: set TMPDIR`);
  vi.stubEnv("TMPDIR", path.join(parent, "below"));
  mkdirSync(path.join(parent, "below"), { mode: 0o700 });
  expect(() => temporaryFolder("name-")).toThrow(`${parent}: set TMPDIR`);
});

test("no temporary folder is created in the folder of another user", ({ skip }) => {
  skip(process.getuid?.() !== 0, "only root can give a folder to another user");
  const parent = stubTemporaryFolder(0o1777);
  chownSync(parent, 65_534, 65_534);
  expect(() => temporaryFolder("name-")).toThrow(`${parent}: set TMPDIR`);
});
