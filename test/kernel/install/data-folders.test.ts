import { expect, test } from "vitest";
import { dataFolders, userDataFolder } from "../../../kernel/install/data-folders.mjs";

test("the user's data folder is the one that Jupyter uses", () => {
  expect(userDataFolder({ JUPYTER_DATA_DIR: "/d" })).toBe("/d");
  expect(userDataFolder({ XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/jupyter");
  expect(userDataFolder({}, "linux", "/home/a")).toBe("/home/a/.local/share/jupyter");
  expect(userDataFolder({}, "darwin", "/Users/a")).toBe("/Users/a/Library/Jupyter");
  const roaming = "C:\\Users\\a\\AppData\\Roaming";
  expect(userDataFolder({ APPDATA: roaming }, "win32")).toBe(`${roaming}\\jupyter`);
  expect(userDataFolder({}, "win32", "C:\\Users\\a")).toBe(`${roaming}\\jupyter`);
});

test("kernels are looked for where Jupyter looks", () => {
  expect(dataFolders("/env", { JUPYTER_PATH: "/a:/b" }, "linux", "/home/a")).toEqual([
    "/a",
    "/b",
    "/home/a/.local/share/jupyter",
    "/env/share/jupyter",
    "/usr/local/share/jupyter",
    "/usr/share/jupyter",
  ]);
  const env = { JUPYTER_PATH: "C:\\a;D:\\b", APPDATA: "C:\\r", PROGRAMDATA: "C:\\p" };
  expect(dataFolders("D:\\env", env, "win32")).toEqual([
    "C:\\a",
    "D:\\b",
    "C:\\r\\jupyter",
    "D:\\env\\share\\jupyter",
    "C:\\p\\jupyter",
  ]);
});
