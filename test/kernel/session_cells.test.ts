import { expect, test } from "vitest";
import { openCells } from "../../kernel/session/cells.ts";
import type { CellProgram } from "../../kernel/session/program.ts";

test("a cell that is interrupted while it is checked leaves nothing behind", async () => {
  let checked = () => {};
  const committed: string[] = [];
  const program: CellProgram = {
    check: () =>
      new Promise((done) => {
        checked = () => done([]);
      }),
    commit: ({ source }) => void committed.push(source),
    completion: async () => undefined,
    hover: async () => "",
    filesChanged() {},
    start() {},
    end() {},
  };
  const project = { file: undefined, config: {} };
  const cells = openCells("/folder", project, program, { checked: true, warn() {} });
  let givenUp = false;
  const prepare = async (source: string) => {
    const prepared = cells.prepare(source, 1, () => givenUp);
    await new Promise((done) => setTimeout(done));
    return { prepared, checked };
  };
  const first = await prepare("let kept = 1");
  first.checked();
  expect(await first.prepared).toHaveProperty("cell");
  const second = await prepare("let lost = 1");
  givenUp = true;
  second.checked();
  expect(await second.prepared).toMatchObject({ error: { ename: "Interrupted" } });
  expect([committed, [...cells.names()]]).toEqual([["let kept = 1"], ["kept"]]);
});
