import { expect, test } from "vitest";
import { peakOf, residentMemory } from "./allroads/memory.ts";

test("the peak counts memory that is in use only for a while", async () => {
  const size = 64e6;
  const fill = () => Buffer.alloc(size, 1).length;
  const before = residentMemory();
  const { result, peak } = await peakOf(fill);
  expect(result).toBe(size);
  if (peak === undefined) return; // The system does not allow the peak to be reset.
  expect(peak - before).toBeGreaterThan(size / 2);
});
