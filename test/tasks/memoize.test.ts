import { expect, it, vi } from "vitest";
import { memoize } from "../../src/tasks/memoize.ts";

it("makes the latest few results once, and a failed one again", () => {
  const make = vi.fn(({ n }: { n: number }) => {
    if (n < 0) throw new Error("negative");
    return { n };
  });
  const remembered = memoize(make, 2);
  expect(remembered({ n: 1 })).toBe(remembered({ n: 1 }));
  remembered({ n: 2 });
  remembered({ n: 3 });
  expect(make).toHaveBeenCalledTimes(3);
  remembered({ n: 1 });
  expect(make).toHaveBeenCalledTimes(4);
  for (let call = 0; call < 2; call++) expect(() => remembered({ n: -1 })).toThrow("negative");
  expect(make).toHaveBeenCalledTimes(6);
});
