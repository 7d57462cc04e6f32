import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startKernel } from "./kernel_client.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "offline-")));
afterAll(() => rmSync(folder, { recursive: true }));

test("the type checker does not install packages that a cell imports", async () => {
  const called = join(folder, "called");
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "$@" >> '${called}'\n`, { mode: 0o755 });
  const kernel = await startKernel(folder, { PATH: `${folder}:${process.env.PATH}` });
  const cells = [
    "const a = 1;",
    "import { sep } from 'node:path'; sep.nothing",
    "import x from 'lodash';",
    "a",
  ];
  for (const cell of cells) await kernel.run(cell);
  await kernel.ask("shell", "complete_request", { code: "a.", cursor_pos: 2 });
  expect((await kernel.run("a + 1")).result).toBe("2");
  await kernel.stop();
  expect(existsSync(called)).toBe(false);
});
