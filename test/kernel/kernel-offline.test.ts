import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startKernel } from "./kernel-client.ts";

test("the type checker does not run npm to fetch type declarations", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "offline-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const npmLog = join(folder, "npm.log");
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "$@" >> '${npmLog}'\n`, { mode: 0o755 });
  const kernel = await startKernel(folder, { PATH: `${folder}:${process.env.PATH}` });
  onTestFinished(kernel.stop);
  const cells = [
    "const a = 1;",
    "import { sep } from 'node:path'; sep.nothing",
    "import x from 'lodash';",
    "a",
  ];
  for (const cell of cells) await kernel.run(cell);
  await kernel.ask("shell", "complete_request", { code: "a.", cursor_pos: 2 });
  expect((await kernel.run("a + 1")).result).toBe("2");
  expect(existsSync(npmLog)).toBe(false);
});
