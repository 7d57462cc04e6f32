import { expect, test } from "vitest";
import { nearest as nearestOfKernel } from "../../kernel/setup/nearest.mjs";
import { nearest, unknownName } from "../../src/text/nearest.ts";

const names = ["smoke", "laptop", "gpu", "01-main-comparison"];

test.each([
  ["laptop", "laptop"],
  ["latop", "laptop"],
  ["lpatop", "laptop"],
  ["LAPTOP", "laptop"],
  ["gpus", "gpu"],
  ["gp", "gpu"],
  ["01", "01-main-comparison"],
  ["01-mian-comparision", "01-main-comparison"],
  ["huge", undefined],
  ["", undefined],
  ["0", undefined],
  ["__proto__", undefined],
  ["\u{1f600}".repeat(10_000), undefined],
])("the name nearest to %j is %j, here and for the kernel", (word, name) => {
  expect(nearest(word, names)).toBe(name);
  expect(nearestOfKernel(word, names)).toBe(name);
});

test("of equally near names the first is taken", () => {
  expect(nearest("runs lost", ["runs last", "runs list"])).toBe("runs last");
  expect(nearest("a", [])).toBe(undefined);
});

test("an unknown name is answered with the nearest, all, or a hint", () => {
  expect(unknownName("preset", "latop", names)).toBe('There is no preset "latop": did you mean "laptop"?');
  expect(unknownName("preset", "big", ["smoke", "gpu"])).toBe(
    'There is no preset "big": there are smoke, gpu.',
  );
  expect(unknownName("preset", "big", ["smoke"], "see --help.")).toBe(
    'There is no preset "big": see --help.',
  );
});
