import { expect, test } from "vitest";
import { isTable } from "../../kernel/display/table.ts";
import { plainTable } from "../../src/report/plain-table.ts";

test("a plain table is text in columns, and is shown as danfo's tables are", () => {
  const table = plainTable(
    ["arm", "wins"],
    [
      ["SFT", 12],
      ["Online DPO", undefined],
    ],
  );
  expect(table.toString()).toBe("arm         wins\nSFT         12\nOnline DPO");
  expect(table.shape).toEqual([2, 2]);
  expect(isTable(table)).toBe(true);
});
