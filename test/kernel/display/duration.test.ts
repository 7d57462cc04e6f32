import { expect, test } from "vitest";
import { formatDuration } from "../../../kernel/display/duration.mjs";

test("durations are given in one or two units", () => {
  const durations = [0, 949, 9_940, 9_960, 59_400, 59_600, 65_000, 3_599_000, 3_600_000, 7_620_000];
  expect(durations.map(formatDuration)).toEqual([
    "0.0 s",
    "0.9 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 00 s",
    "1 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 07 min",
  ]);
});
