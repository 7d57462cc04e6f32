import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { paths } from "../../../kernel/setup/paths.mjs";

const program = `
import asyncio, io, progress
progress.INTERVAL = 0.05
stream = io.StringIO()
shown = progress.Progress(stream, 2)
async def main():
    row = shown.start("01-main", 12)
    row.start_cell(7)
    row.show_output("25 %, 2 of 9 stages\\n")
    drawing = asyncio.ensure_future(shown.keep_drawing())
    await asyncio.sleep(0.12)
    shown.start("02-new", 3).started += 60
    await asyncio.sleep(0.05)
    drawing.cancel()
asyncio.run(main())
print(stream.getvalue(), end="")
`;

test.skipIf(!existsSync(paths.python))(
  "outside a terminal there are lines that say where each notebook is, once it has run for a while",
  () => {
    const env = { ...process.env, PYTHONPATH: path.join(paths.root, "kernel", "headless") };
    const { status, stdout, stderr } = spawnSync(paths.python, ["-c", program], { env, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const [start, ...lines] = stdout.trimEnd().split("\n");
    expect(start).toBe("01-main: running 12 cells");
    const row = "01-main  cell 7 of 12  0 s  25 %, 2 of 9 stages";
    expect(lines.filter((line) => line === row).length).toBeGreaterThanOrEqual(2);
    expect(lines.filter((line) => line !== row)).toEqual(["02-new: running 3 cells"]);
  },
);
