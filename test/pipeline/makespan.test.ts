import { describe, expect, test } from "vitest";
import { type Job, makespan } from "../../src/pipeline/makespan.ts";

const job = (seconds: number, ...after: number[]): Job => ({ seconds, after });

describe("the makespan", () => {
  test("of independent jobs is that of a queue", () => {
    const jobs = [job(3), job(2), job(2), job(1)];
    expect(makespan(jobs, 1)).toBe(8);
    expect(makespan(jobs, 2)).toBe(4);
    expect(makespan(jobs, 4)).toBe(3);
  });

  test("is never shorter than the longest chain", () => {
    const jobs = [job(1), job(2, 0), job(3, 1), job(1, 0)];
    for (const workers of [2, 8, 512]) expect(makespan(jobs, workers)).toBe(6);
  });

  test("lets a job wait for all that it needs, whatever the order of the list", () => {
    expect(makespan([job(1, 1, 2), job(5), job(2)], 2)).toBe(6);
  });

  test("of nothing is 0, and of jobs that wait for each other there is none", () => {
    expect(makespan([], 2)).toBe(0);
    expect(() => makespan([job(1, 1), job(1, 0)], 2)).toThrow("2 jobs wait for each other");
  });
});
