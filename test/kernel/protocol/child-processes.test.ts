import { expect, test } from "vitest";
import { descendantsOf, parseStat } from "../../../kernel/protocol/child-processes.ts";

test("the line of a process is read whatever its command is", () => {
  expect(parseStat("42 (sleep) S 7 40 1 0")).toEqual({ pid: 42, parent: 7, group: 40 });
  expect(parseStat("42 (a) S 1 1 (b c) R 7 40 1 0")).toEqual({ pid: 42, parent: 7, group: 40 });
});

test("the processes of cells are those of the group, but not the kernel's own", () => {
  const entries = [
    [10, 1, 10],
    [11, 10, 10], // a child
    [12, 11, 10], // its child
    [13, 10, 13], // detached
    [14, 13, 13],
    [15, 10, 10], // a helper of the kernel
    [16, 15, 10],
    [17, 1, 10], // not a descendant
  ].map(([pid = 0, parent = 0, group = 0]) => ({ pid, parent, group }));
  expect(descendantsOf(10, entries, new Set([15]))).toEqual([11, 12]);
  expect(descendantsOf(99, entries, new Set())).toEqual([]);
});
