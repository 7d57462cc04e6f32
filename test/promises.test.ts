import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../src/files/repository.ts";

const read = (file: string) => readFileSync(path.join(repositoryRoot(), file), "utf8");

/** The rows of SECURITY.md that name a test, as [file, beginning of the title]. */
const promises = [...read("SECURITY.md").matchAll(/\[`(test\/[^`]+)`\]\(\1\): "([^"]+)"/g)];

test("SECURITY.md names a test for each promise", () => {
  expect(promises.length).toBeGreaterThan(30);
  for (const [, file = "", title = ""] of promises) expect(`${file}: ${read(file)}`).toContain(title);
});
