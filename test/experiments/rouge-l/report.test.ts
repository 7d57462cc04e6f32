import { expect, test } from "vitest";
import { rougeLConfig } from "../../../src/experiments/rouge-l/plan.ts";
import { hiddenReferenceRows } from "../../../src/experiments/rouge-l/report.ts";

test("hidden references are shown beside those of win rates, which may differ", () => {
  const config = {
    ...rougeLConfig("smoke"),
    sizes: { demonstrations: 1, pairs: 1, validation: 1, evaluation: 30 },
  };
  const rows = hiddenReferenceRows(config, 3, 20);
  expect(rows).toHaveLength(20);
  for (const row of rows) {
    const same = row["hidden reference"] === row["reference of win rates"];
    expect(row["its ROUGE-L"] === 1).toBe(same);
  }
  expect(rows.some((row) => row["its ROUGE-L"] !== 1)).toBe(true);
});
