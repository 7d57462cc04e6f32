import { expect, test } from "vitest";
import { PRESETS } from "../../kernel/headless/arguments.mjs";
import { presetNamed, presets } from "../../src/results/presets.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";

test("the presets are those of the command line, each with registered seeds", () => {
  expect(presets).toEqual(PRESETS);
  expect(Object.keys(readRegistration("01-main-comparison").seeds.test)).toEqual(PRESETS);
});

test("the preset is laptop by default, and an unknown one is an error", () => {
  expect(presetNamed(undefined)).toBe("laptop");
  expect(presetNamed("gpu")).toBe("gpu");
  expect(() => presetNamed("huge")).toThrow('There is no preset "huge": choose one of smoke, laptop, gpu.');
});
