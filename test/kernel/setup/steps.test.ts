import { afterEach, expect, test, vi } from "vitest";
import { pathsBelow } from "../../../kernel/setup/paths.mjs";
import { runSteps } from "../../../kernel/setup/steps.mjs";

afterEach(() => {
  vi.restoreAllMocks();
});

const context = { paths: pathsBelow("/nowhere"), device: "cpu" as const };

/** Steps that record when they start and end, and what is printed meanwhile. */
function recordedSteps(plan: Record<string, { after?: string[]; ready?: boolean; fails?: boolean }>) {
  const events: string[] = [];
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const steps = Object.entries(plan).map(([name, { after = [], ready = false, fails = false }]) => {
    let done = ready;
    return {
      name,
      after,
      ready: () => done,
      run: async () => {
        events.push(`${name} starts`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (fails) throw new Error(`${name} is broken`);
        done = true;
        events.push(`${name} ends`);
      },
    };
  });
  return { steps, events, printed };
}

test("runs the steps that are not ready, after their dependencies and in parallel", async () => {
  const { steps, events, printed } = recordedSteps({
    a: {},
    b: {},
    done: { ready: true },
    c: { after: ["a", "done"] },
  });
  await runSteps(steps, context);
  expect(events.slice(0, 2)).toEqual(["a starts", "b starts"]);
  expect(events.indexOf("a ends")).toBeLessThan(events.indexOf("c starts"));
  expect(events).not.toContain("done starts");
  expect(printed.join("")).toMatch(/^ {2}[ab]: 0\.\d s\n {2}[ab]: 0\.\d s\n {2}c: 0\.\d s\n$/);
});

test("after a failure, steps that do not depend on it finish and others do not start", async () => {
  const { steps, events } = recordedSteps({
    a: { fails: true },
    b: {},
    onA: { after: ["a"] },
    onB: { after: ["b"] },
    onBoth: { after: ["onA", "onB"] },
  });
  await expect(runSteps(steps, context)).rejects.toThrow("a is broken");
  expect(events).toContain("onB ends");
  expect(events).not.toContain("onA starts");
  expect(events).not.toContain("onBoth starts");
});

test("a step fails if it is not ready after its run", async () => {
  const { steps } = recordedSteps({ a: {} });
  const neverReady = steps.map((step) => ({ ...step, ready: () => false }));
  await expect(runSteps(neverReady, context)).rejects.toThrow(/the a finished without a valid result/);
});

test("outside a terminal a line every 30 seconds names the running steps", async () => {
  vi.useFakeTimers();
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  let done = false;
  const long = {
    name: "a library",
    after: [],
    ready: () => done,
    run: async ({ progress }: { progress: (text: string) => void }) => {
      progress("12 MB");
      await new Promise((resolve) => setTimeout(resolve, 70_000));
      done = true;
    },
  };
  const finished = runSteps([long], context);
  await vi.advanceTimersByTimeAsync(71_000);
  await finished;
  vi.useRealTimers();
  expect(printed.map((line) => line.trim())).toEqual([
    "a library 12 MB (30 s)",
    "a library 12 MB (1 min 00 s)",
    "a library: 1 min 10 s",
  ]);
});
