import { expect, test } from "vitest";
import { commandFile, pythonNames, pythonsOf } from "../../../kernel/install/python.mjs";

test("a command is found on the path of each platform", () => {
  const posix = { env: { PATH: "/a:/b" }, exists: (file: string) => file === "/b/jupyter" };
  expect(commandFile("jupyter", { ...posix, platform: "linux" })).toBe("/b/jupyter");
  expect(commandFile("python3", { ...posix, platform: "darwin" })).toBeUndefined();
  const env = { Path: "C:\\a;D:\\env\\Scripts", PATHEXT: ".COM;.EXE" };
  const exists = (file: string) => file === "D:\\env\\Scripts\\jupyter.exe";
  expect(commandFile("jupyter", { env, platform: "win32", exists })).toBe("D:\\env\\Scripts\\jupyter.exe");
});

test("Jupyter's Python is that of its first line, or in Windows the one beside it", () => {
  const readAs = (text: string) => () => text;
  expect(pythonsOf("/env/bin/jupyter", "linux", readAs("#!/env/bin/python3.12\nimport sys\n"))).toEqual([
    "/env/bin/python3.12",
  ]);
  for (const text of ["#!/usr/bin/env python3\n", "#!/usr/bin/env bash\nexec python\n", "\x7fELF", ""])
    expect(pythonsOf("/bin/jupyter", "darwin", readAs(text))).toEqual([]);
  expect(pythonsOf("D:\\env\\Scripts\\jupyter.exe", "win32")).toEqual([
    "D:\\env\\Scripts\\python.exe",
    "D:\\env\\python.exe",
  ]);
});

test("Python's command has the name that is usual on the platform", () => {
  expect(pythonNames("linux")).toEqual(["python3", "python"]);
  expect(pythonNames("win32")).toContain("py");
});
