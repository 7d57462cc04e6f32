import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { createLink, isLinked, readJson, readText, writeAtomically } from "../../../kernel/setup/files.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

test("writeAtomically creates the folder, replaces the file and leaves nothing else", () => {
  const file = folder.at("deep", "file.txt");
  writeAtomically(file, "old");
  writeAtomically(file, "new");
  expect(readText(file)).toBe("new");
  expect(readdirSync(folder.at("deep"))).toEqual(["file.txt"]);
});

test("readJson returns null for a missing file and for invalid JSON", () => {
  folder.put("cut.json", '{"a": ');
  expect(readJson(folder.at("cut.json"))).toBe(null);
  expect(readJson(folder.at("missing.json"))).toBe(null);
});

test("links are relative, so that the folder can be moved", () => {
  folder.put("one/target.txt", "here");
  createLink(folder.at("one", "deep", "link"), folder.at("one", "target.txt"));
  expect(isLinked(folder.at("one", "deep", "link"), folder.at("one", "target.txt"))).toBe(true);
  renameSync(folder.at("one"), folder.at("two"));
  expect(readFileSync(folder.at("two", "deep", "link"), "utf8")).toBe("here");
});

test("createLink replaces a folder and an older link; a dangling link is not linked", () => {
  folder.put("target", "new");
  folder.put("link/inside", "old folder");
  const link = folder.at("link");
  createLink(link, folder.at("target"));
  expect(readFileSync(link, "utf8")).toBe("new");
  rmSync(folder.at("target"));
  expect(isLinked(link, folder.at("target"))).toBe(false);
  rmSync(link);
  symlinkSync("/elsewhere", link);
  folder.put("target", "newer");
  createLink(link, folder.at("target"));
  expect(readFileSync(link, "utf8")).toBe("newer");
});
