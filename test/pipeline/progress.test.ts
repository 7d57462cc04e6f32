import { describe, expect, test } from "vitest";
import { duration, progressLine, progressOn } from "../../src/pipeline/progress.ts";

describe("progress", () => {
  test("shows the share done, the time left and the running stages", () => {
    const state = { done: 30, total: 120, running: ["reward (seed 41)", "sft (seed 42)"] };
    expect(progressLine(state, 0, 60)).toBe("25 %, 3 min left, reward (seed 41), sft (seed 42)");
    expect(progressLine({ ...state, running: [] }, 30, 5)).toBe("25 %");
    expect(progressLine({ done: 0, total: 0, running: [] }, 0, 0)).toBe("100 %");
  });

  test("estimates the time left from what this run has done", () => {
    expect(progressLine({ done: 90, total: 120, running: [] }, 60, 60)).toBe("75 %, 60 s left");
  });

  test.each([
    [40, "40 s"],
    [720, "12 min"],
    [3900, "1 h 05 min"],
  ])("writes %i s as %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  test("is one line that fits the terminal, and silent without a terminal", () => {
    const shown = (isTTY: boolean): string[] => {
      const written: string[] = [];
      const display = progressOn({ isTTY, columns: 20, write: (text) => written.push(text) }, () => 0);
      display.update({ done: 1, total: 2, running: ["preference (seed 41)"] });
      display.end();
      return written;
    };
    expect(shown(false)).toEqual([]);
    const [line, cleared] = shown(true);
    expect(line!.replace("\r\x1b[K", "").length).toBeLessThan(20);
    expect(cleared).toBe("\r\x1b[K");
  });
});
