import { beforeAll, expect, test } from "vitest";
import { CELLS, installPackages } from "./cells.mjs";
import { FEATURES } from "./features.mjs";
import { measure } from "./measure.mjs";
import { METRICS } from "./metrics.mjs";
import { report } from "./report.mjs";

const noCells = await installPackages({ native: false });
let result: Awaited<ReturnType<typeof measure>>;
beforeAll(async () => {
  const options = { help: false, json: null, names: ["allroads"], rounds: 1, quick: true, write: false };
  result = await measure(options, {}, noCells);
}, 600_000);

test("the Allroads kernel is measured in one quick round, has all features and passes all suites", () => {
  const { rounds, features, suites } = result.kernels.allroads;
  for (const metric of Object.keys(METRICS)) expect(rounds[0][metric]).toBeGreaterThan(0);
  expect(rounds[0]).toMatchObject({ found: { complete: true, inspect: true } });
  expect(features).toEqual(Object.fromEntries(Object.keys(FEATURES).map((id) => [id, true])));
  expect(new Set(Object.values(suites))).toEqual(new Set(["pass"]));
  expect(report(result).join("\n")).toMatch(/start to first reply: .*not measured/);
});

test.skipIf(noCells !== null)("the Allroads kernel runs all cells that users write", () => {
  // The test makes no native add-on: see installPackages.
  const { native: _, ...cells } = result.kernels.allroads.cells;
  const others = Object.keys(CELLS).filter((id) => id !== "native");
  expect(cells).toEqual(Object.fromEntries(others.map((id) => [id, true])));
});
