import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { errorCode, readRegularFile } from "../../src/files/file-system.ts";
import { temporaryFolder } from "../temporary.ts";

describe("readRegularFile", () => {
  test("reads a file, also through a link", () => {
    const folder = temporaryFolder("file-system");
    writeFileSync(path.join(folder, "file"), "text");
    symlinkSync("file", path.join(folder, "link"));
    for (const name of ["file", "link"])
      expect(String(readRegularFile(path.join(folder, name), 4))).toBe("text");
  });

  test("does not open a pipe, a device or a folder, and does not read a file that is too long", () => {
    const at = (name: string) => path.join(folder, name);
    const folder = temporaryFolder("file-system");
    execFileSync("mkfifo", [at("pipe")]);
    symlinkSync("/dev/zero", at("device"));
    mkdirSync(at("folder"));
    writeFileSync(at("huge"), "");
    truncateSync(at("huge"), 2 ** 40);
    for (const name of ["pipe", "device", "folder"])
      expect(() => readRegularFile(at(name), 1000)).toThrow(`${name} is not a file`);
    expect(() => readRegularFile(at("huge"), 1000)).toThrow("huge has 1099511627776 bytes, more than 1000");
    expect(() => readRegularFile(at("missing"), 1000)).toThrow("ENOENT");
  });
});

test("only errors of the file system have a code", () => {
  expect(errorCode(Object.assign(new Error("x"), { code: "EIO" }))).toBe("EIO");
  for (const other of [
    new Error("x"),
    Object.assign(new Error("x"), { code: "ERR_X" }),
    null,
    undefined,
    "EIO",
  ])
    expect(errorCode(other)).toBeUndefined();
});
