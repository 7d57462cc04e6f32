import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { murmur2 } from "../../../kernel/debug/murmur2.ts";
import {
  cellFileName,
  contentHash,
  openPlaceholderFiles,
  placeholderTexts,
} from "../../../kernel/session/placeholder-files.ts";
import { temporaryFolder } from "../../temporary.ts";
import { giveToOtherUser, otherUserProblem } from "../other-user.ts";

let parent = "";
let warnings: string[] = [];
const open = () => openPlaceholderFiles((text) => warnings.push(text), parent);
beforeEach(() => {
  parent = temporaryFolder("placeholders");
  warnings = [];
});

test("the content hash is that of the files' names and texts", () => {
  const texts = [...placeholderTexts()].map((file) => file.join("\n"));
  expect(murmur2(texts.join("\n"), 0).toString(16)).toBe(contentHash);
});

test("the files are created once", () => {
  const { folder, count } = open();
  expect(readdirSync(parent)).toEqual([folder.slice(parent.length + 1)]);
  expect(readdirSync(folder)).toHaveLength(placeholderTexts().size);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const name = cellFileName(count);
  expect(readFileSync(join(folder, name), "utf8")).toBe(placeholderTexts().get(name));
  const { ctimeMs } = statSync(folder);
  expect(open()).toEqual({ folder, count });
  expect(statSync(folder).ctimeMs).toBe(ctimeMs);
  expect(warnings).toEqual([]);
});

function replaceByLink(folder: string, target: string): void {
  renameSync(folder, `${folder}.real`);
  symlinkSync(target, folder);
}

describe("a folder that others can change is not used, and the reason is said", () => {
  test.each<[string, (folder: string) => void, string]>([
    ["a link", (folder) => replaceByLink(folder, `${folder}.real`), "is not a folder"],
    ["a link to nothing", (folder) => replaceByLink(folder, "/nowhere"), "is not a folder"],
    ["a folder open to others", (folder) => chmodSync(folder, 0o777), "is open to other users"],
    ["a parent that others can write to", () => chmodSync(parent, 0o777), "can be written to by other users"],
  ])("%s", (_, change, reason) => {
    const { folder } = open();
    change(folder);
    const opened = open();
    expect(opened.count).toBe(0);
    expect(existsSync(opened.folder)).toBe(false);
    expect(warnings).toEqual([expect.stringContaining(reason)]);
  });

  test("a folder of another user", ({ skip }) => {
    skip(otherUserProblem !== undefined, otherUserProblem);
    const { folder } = open();
    giveToOtherUser(folder);
    expect(open().count).toBe(0);
    expect(warnings).toEqual([expect.stringContaining("belongs to another user")]);
  });
});

test("without a writable directory there are no placeholders", () => {
  parent = join(parent, "missing");
  expect(open()).toMatchObject({ count: 0 });
  expect(existsSync(parent)).toBe(false);
  expect(warnings).toHaveLength(1);
});
