import { describe, expect, test } from "vitest";
import { interleave, rotate } from "./interleave.mjs";

/** Runners with these seconds per step, and ten more in their first call. Records all calls. */
function fakeRunners(seconds: Record<string, number>) {
  const calls: { name: string; steps: number }[] = [];
  const runners = Object.fromEntries(
    Object.entries(seconds).map(([name, each]) => [
      name,
      async (steps: number) => {
        const first = !calls.some((call) => call.name === name);
        calls.push({ name, steps });
        return { seconds: steps * each + (first ? 10 : 0), cpu: 0 };
      },
    ]),
  );
  return { runners, calls };
}

test("every runner has one block per round, and each round starts with another runner", async () => {
  const { runners, calls } = fakeRunners({ a: 1, b: 1, c: 1 });
  const blocks = await interleave(runners, { rounds: 4, blockSeconds: 0.5 });
  for (const own of Object.values(blocks)) expect(own).toHaveLength(4);
  expect(
    calls
      .slice(-12)
      .map(({ name }) => name)
      .join(""),
  ).toBe("abcbcacababc");
  expect(rotate([1, 2, 3], 4)).toEqual([2, 3, 1]);
});

test("blocks are long enough although the first step is slow, and not much longer", async () => {
  const seconds = { slow: 2, quick: 0.01, instant: 1e-6 };
  const { runners } = fakeRunners(seconds);
  const blocks = await interleave(runners, { rounds: 2, blockSeconds: 0.4 });
  for (const [name, each] of Object.entries(seconds)) {
    const own = blocks[name];
    if (!own) throw new Error(`The runner ${name} has no blocks.`);
    for (const block of own) {
      expect(block.seconds).toBeCloseTo(block.steps * each, 9);
      expect(block.seconds).toBeGreaterThanOrEqual(0.4);
      expect(block.seconds).toBeLessThanOrEqual(Math.max(each, 0.5));
    }
  }
});

describe("a runner that fails", () => {
  const failing = (calls: number) => async (steps: number) => {
    calls -= 1;
    if (calls < 0) throw new Error("out of memory");
    return { seconds: steps, cpu: 0 };
  };

  test.each([
    ["while it is warmed up", 0],
    ["in a later round", 3],
  ])("%s is left out, and the others are still measured", async (_, calls) => {
    const errors: string[] = [];
    const blocks = await interleave(
      { ...fakeRunners({ a: 1 }).runners, b: failing(calls), ...fakeRunners({ c: 1 }).runners },
      { rounds: 3, blockSeconds: 0.1, onError: (name, error) => errors.push(`${name}: ${error}`) },
    );
    expect(Object.keys(blocks)).toEqual(["a", "c"]);
    for (const own of Object.values(blocks)) expect(own).toHaveLength(3);
    expect(errors).toEqual(["b: Error: out of memory"]);
  });

  test("ends the measurement if nothing handles the error", async () => {
    const measured = interleave({ b: failing(0) }, { rounds: 1, blockSeconds: 0.1 });
    await expect(measured).rejects.toThrow("out of memory");
  });
});

test("calls onBlock before each block", async () => {
  const calls: string[] = [];
  const onBlock = (name: string, round: number) => calls.push(`${name}${round}`);
  await interleave(fakeRunners({ a: 1, b: 1 }).runners, { rounds: 2, blockSeconds: 0.1, onBlock });
  expect(calls).toEqual(["a0", "b0", "a1", "b1", "b2", "a2"]);
});
