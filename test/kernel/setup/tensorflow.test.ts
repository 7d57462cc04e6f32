import path from "node:path";
import { expect, test } from "vitest";
import { libraryFolder, tensorflow, wheelFor } from "../../../kernel/setup/tensorflow.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

test("the wheel depends on the device and the architecture", () => {
  expect(wheelFor("cpu", "x64")).toMatch(/^tensorflow-cpu==/);
  expect(wheelFor("cuda", "x64")).toMatch(/^tensorflow==/);
  expect(wheelFor("cpu", "arm64")).toMatch(/^tensorflow==/);
});

test("the library is ready only with both libraries and the headers", () => {
  const context = folder.context();
  expect(tensorflow.ready(context)).toBe(false);
  const library = path.relative(folder.at(), libraryFolder(context));
  folder.put(`${library}/libtensorflow_cc.so.2`, "");
  folder.put(`${library}/libtensorflow_framework.so.2`, "");
  expect(tensorflow.ready(context)).toBe(false);
  folder.put(`${library}/include/tensorflow/c/c_api.h`, "");
  expect(tensorflow.ready(context)).toBe(true);
  expect(tensorflow.ready({ ...context, device: "cuda" })).toBe(false);
});
