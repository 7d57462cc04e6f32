import { expect, test } from "vitest";
import { staleFiles } from "../../../kernel/evaluate/stale-files.ts";

test.each([
  [[], []],
  [["c"], ["a", "b", "c"]],
  [["d"], ["d"]],
  [["f"], ["e", "f"]],
])("when %j change, %j are loaded again", (changed: string[], expected: string[]) => {
  const loaded = (file: string, ...dependencies: string[]) => ({
    file,
    modifiedAt: 1,
    dependencies: new Set(dependencies),
  });
  const files = [
    loaded("a", "b"),
    loaded("b", "c"),
    loaded("c"),
    loaded("d"),
    loaded("e", "f"),
    loaded("f", "e"),
  ];
  const stale = staleFiles(files, (file) => (changed.includes(file) ? 2 : 1));
  expect([...stale].sort()).toEqual(expected);
});
