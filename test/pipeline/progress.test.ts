import { afterEach, describe, expect, test, vi } from "vitest";
import { duration, progressLine, progressOn } from "../../src/pipeline/progress.ts";

afterEach(() => {
  vi.useRealTimers();
});

const state = {
  done: 30,
  total: 120,
  stages: { done: 2, total: 9 },
  running: ["reward (seed 41)", "sft (seed 42)"],
};

/** What a display writes while `use` uses it, with a clock of its own. */
function written(isTTY: boolean, use: (display: ReturnType<typeof progressOn>) => void): string[] {
  vi.useFakeTimers();
  const texts: string[] = [];
  const terminal = { isTTY, columns: 20, write: (text: string) => texts.push(text) };
  const display = progressOn(terminal, () => Date.now());
  use(display);
  display.end();
  vi.advanceTimersByTime(120_000);
  return texts;
}

describe("progress", () => {
  test("shows what is done of all, the time left and the running stages", () => {
    expect(progressLine(state, 0, 60)).toBe(
      "25 %, 2 of 9 stages, 3 min left: reward (seed 41), sft (seed 42)",
    );
    expect(progressLine({ ...state, running: [] }, 30, 5)).toBe("25 %, 2 of 9 stages");
    const nothing = { done: 0, total: 0, stages: { done: 0, total: 0 }, running: [] };
    expect(progressLine(nothing, 0, 0)).toBe("100 %, 0 of 0 stages");
  });

  test("estimates the time left from what this run has done", () => {
    expect(progressLine({ ...state, done: 90, running: [] }, 60, 60)).toBe("75 %, 2 of 9 stages, 60 s left");
  });

  test.each([
    [40, "40 s"],
    [720, "12 min"],
    [3900, "1 h 05 min"],
  ])("writes %i s as %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  test("is one line that fits the terminal", () => {
    const [line = "", cleared] = written(true, (display) => display.update(state));
    expect(line.replace("\r\x1b[K", "").length).toBeLessThan(20);
    expect(cleared).toBe("\r\x1b[K");
  });

  test("is, without a terminal, a line at once and every 30 seconds until its end, also if nothing is reported", () => {
    const lines = written(false, (display) => {
      display.update({ ...state, running: [] });
      display.update(state);
      display.update({ ...state, done: 31 });
      vi.advanceTimersByTime(29_000);
      display.update({ ...state, done: 60, stages: { done: 4, total: 9 } });
      vi.advanceTimersByTime(31_000);
    });
    const running = "reward (seed 41), sft (seed 42)\n";
    expect(lines).toEqual([
      `25 %, 2 of 9 stages: ${running}`,
      `50 %, 4 of 9 stages, 60 s left: ${running}`,
      `50 %, 4 of 9 stages, 2 min left: ${running}`,
    ]);
  });

  test("writes nothing into a log if nothing is computed", () => {
    expect(written(false, (display) => display.update({ ...state, running: [] }))).toEqual([]);
  });
});
