import { expect, test } from "vitest";
import { isLocalSpecifier, localPath } from "../../../kernel/session/specifiers.ts";
import { cachesFolder, dataFolder } from "../../../kernel/session/user-folders.ts";

test.each([
  ["linux", "/h", "/h/.local/share", "/h/.cache"],
  ["darwin", "/h", "/h/Library/Application Support", "/h/Library/Caches"],
  ["win32", "C:\\h", "C:\\h\\AppData\\Local", "C:\\h\\AppData\\Local"],
] as const)("the user's folders are those that are usual on %s", (platform, home, data, caches) => {
  expect(dataFolder({}, { platform, home })).toBe(data);
  expect(cachesFolder({}, { platform, home })).toBe(caches);
});

test("the environment can name other folders", () => {
  const windows = { platform: "win32", home: "C:\\h" } as const;
  expect(dataFolder({ LOCALAPPDATA: "D:\\l" }, windows)).toBe("D:\\l");
  expect(dataFolder({ XDG_DATA_HOME: "/x" }, { platform: "darwin", home: "/h" })).toBe("/x");
  expect(cachesFolder({ XDG_CACHE_HOME: "/x" }, { platform: "linux", home: "/h" })).toBe("/x");
  expect(cachesFolder({ XDG_CACHE_HOME: "relative" }, { platform: "linux", home: "/h" })).toBe("/h/.cache");
});

test("a file URL names a path of its platform", () => {
  expect(localPath("file:///C:/a%20b/c.ts", "win32")).toBe("C:\\a b\\c.ts");
  expect(localPath("file:///a%20b/c.ts", "linux")).toBe("/a b/c.ts");
  expect(localPath("./c.ts", "darwin")).toBe("./c.ts");
  for (const local of ["./a", "..", "/a", "file:///a", "C:/a", "d:\\a"])
    expect(isLocalSpecifier(local)).toBe(true);
  for (const other of ["a", "@a/b", "node:fs", "https://a"]) expect(isLocalSpecifier(other)).toBe(false);
});
