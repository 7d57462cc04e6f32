import { expect, test } from "vitest";
import { readJson, writeAtomically } from "../../../kernel/setup/files.mjs";
import { kernelspecs, tslabKernelspec } from "../../../kernel/setup/kernelspecs.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

test("the kernelspecs are written again for another Node", async () => {
  const context = folder.context();
  expect(kernelspecs.ready(context)).toBe(false);
  await kernelspecs.run(context);
  expect(kernelspecs.ready(context)).toBe(true);
  writeAtomically(context.paths.kernelspec, tslabKernelspec(context.paths, "/other/node"));
  expect(kernelspecs.ready(context)).toBe(false);
  expect(readJson(context.paths.kernelspec).argv).toContain("{connection_file}");
});
