import { expect, test, vi } from "vitest";
import { memoize } from "../../src/tasks/memoize.ts";

test("caches the newest results, but no failures", () => {
  const make = vi.fn(({ n }: { n: number }) => {
    if (n < 0) throw new Error("negative");
    return { n };
  });
  const memoized = memoize(make, 2);
  expect(memoized({ n: 1 })).toBe(memoized({ n: 1 }));
  memoized({ n: 2 });
  memoized({ n: 3 });
  expect(make).toHaveBeenCalledTimes(3);
  memoized({ n: 1 });
  expect(make).toHaveBeenCalledTimes(4);
  for (let call = 0; call < 2; call++) expect(() => memoized({ n: -1 })).toThrow("negative");
  expect(make).toHaveBeenCalledTimes(6);
});
