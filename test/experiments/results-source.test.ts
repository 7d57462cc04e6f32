import { afterEach, describe, expect, test, vi } from "vitest";
import { fromLedger, notebookPreset } from "../../src/experiments/results-source.ts";

afterEach(() => vi.unstubAllEnvs());

describe("results at the laptop preset", () => {
  test("are read from the ledger unless training is asked for", () => {
    vi.stubEnv("ALLROADS_TRAIN", undefined);
    expect(fromLedger("laptop")).toBe(true);
    expect(fromLedger("laptop", { train: true })).toBe(false);
  });

  test.each([
    ["", true],
    ["0", true],
    ["1", false],
    ["yes", false],
  ])("with ALLROADS_TRAIN=%j are read: %j; what a cell says comes first", (value, read) => {
    vi.stubEnv("ALLROADS_TRAIN", value);
    expect(fromLedger("laptop")).toBe(read);
    expect(fromLedger("laptop", { train: false })).toBe(true);
    expect(fromLedger("laptop", { train: true })).toBe(false);
  });
});

test("other presets have no ledger", () => {
  for (const preset of ["smoke", "gpu"] as const)
    for (const options of [{}, { train: false }]) expect(fromLedger(preset, options)).toBe(false);
});

test("the preset is that of the environment, laptop by default", () => {
  vi.stubEnv("ALLROADS_PRESET", undefined);
  expect([notebookPreset(), fromLedger()]).toEqual(["laptop", true]);
  vi.stubEnv("ALLROADS_PRESET", "smoke");
  expect([notebookPreset(), fromLedger()]).toEqual(["smoke", false]);
});
