import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { prepareWorkspace } from "../../../kernel/lab/workspace.mjs";
import { useTemporaryFolder } from "../setup/temporary-folder.ts";

const folder = useTemporaryFolder();

test("a workspace is prepared once, and what the user has left open stays", () => {
  const file = folder.at("default-37a8.jupyterlab-workspace");
  prepareWorkspace(folder.at(), "notebooks/README.md");
  expect(JSON.parse(readFileSync(file, "utf8")).data["file-browser-filebrowser:cwd"]).toEqual({ path: "" });
  writeFileSync(file, "the user's");
  prepareWorkspace(folder.at(), "notebooks/README.md");
  expect(readFileSync(file, "utf8")).toBe("the user's");
});
