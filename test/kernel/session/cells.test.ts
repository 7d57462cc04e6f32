import { expect, test } from "vitest";
import { openCells } from "../../../kernel/session/cells.ts";
import type { CellProgram } from "../../../kernel/session/program.ts";

test("a cell that is cancelled during its check is not committed", async () => {
  let finishCheck = () => {};
  const committed: string[] = [];
  const program: CellProgram = {
    check: () =>
      new Promise((resolve) => {
        finishCheck = () => resolve([]);
      }),
    commit: ({ source }) => void committed.push(source),
    forget() {},
    completion: async () => undefined,
    hover: async () => "",
    restart() {},
    filesChanged() {},
    start() {},
    end() {},
  };
  const project = { file: undefined, config: {} };
  const cells = openCells("/folder", project, program, {
    strictness: "strict",
    warn() {},
    refresh: async () => false,
  });
  let isCancelled = false;
  const prepare = async (source: string) => {
    const prepared = cells.prepare({ source }, 1, () => isCancelled);
    await new Promise((resolve) => setTimeout(resolve));
    return { prepared, finishCheck };
  };
  const first = await prepare("let kept = 1");
  first.finishCheck();
  expect(await first.prepared).toHaveProperty("cell");
  const second = await prepare("let lost = 1");
  isCancelled = true;
  second.finishCheck();
  expect(await second.prepared).toMatchObject({ error: { ename: "Interrupted" } });
  expect([committed, [...cells.names()]]).toEqual([["let kept = 1"], ["kept"]]);
});
