import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { plainFolder } from "./plain-folder.mjs";

const parent = mkdtempSync("/tmp/allroads-plain-");
afterAll(() => rmSync(parent, { recursive: true }));

const folderNamed = (name: string) => {
  const folder = path.join(parent, name);
  mkdirSync(folder);
  return folder;
};

test("a folder whose path needs no quotes is used as it is", () => {
  const folder = folderNamed("plain");
  const plain = plainFolder(folder);
  expect(plain.folder).toBe(folder);
  plain.remove();
  expect(existsSync(folder)).toBe(true);
});

test.each(["with space", "it's", "a;b", "$HOME", "*"])("a folder named %s is reached by a link", (name) => {
  const folder = folderNamed(name);
  writeFileSync(path.join(folder, "file"), name);
  const links = folderNamed(`links-${name.length}-${name.charCodeAt(0)}`);
  const plain = plainFolder(folder, ["/nowhere", folder, links]);
  expect(path.dirname(path.dirname(plain.folder))).toBe(links);
  expect(lstatSync(plain.folder).isSymbolicLink()).toBe(true);
  expect(readFileSync(path.join(plain.folder, "file"), "utf8")).toBe(name);
  plain.remove();
  expect(existsSync(path.dirname(plain.folder))).toBe(false);
  expect(existsSync(path.join(folder, "file"))).toBe(true);
});

test("if no place for a link has a plain path, the folder is used as it is", () => {
  const folder = folderNamed("alone here");
  expect(plainFolder(folder, [folder]).folder).toBe(folder);
});
