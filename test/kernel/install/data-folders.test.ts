import { expect, test } from "vitest";
import { userDataFolder } from "../../../kernel/install/data-folders.mjs";

test("the user's data folder is the one that Jupyter uses", () => {
  expect(userDataFolder({ JUPYTER_DATA_DIR: "/d" })).toBe("/d");
  expect(userDataFolder({ XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/jupyter");
});
