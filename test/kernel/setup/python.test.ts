import { expect, test } from "vitest";
import { jupyter, virtualEnvironment } from "../../../kernel/setup/python.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

test("the virtual environment is valid only in the folder it was made for", () => {
  const context = folder.context();
  folder.put(".venv/bin/python", "");
  expect(virtualEnvironment.ready(context)).toBe(false);
  folder.put(".venv/.allroads.json", JSON.stringify({ place: context.paths.venv }));
  expect(virtualEnvironment.ready(context)).toBe(true);
  folder.put(".venv/.allroads.json", JSON.stringify({ place: "/elsewhere/.venv" }));
  expect(virtualEnvironment.ready(context)).toBe(false);
});

test("packages are not ready in an environment that was made without their pins", () => {
  const context = folder.context();
  folder.put(".venv/.allroads.json", JSON.stringify({ place: context.paths.venv }));
  expect(jupyter.ready(context)).toBe(false);
});
