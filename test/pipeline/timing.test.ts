import { describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { definitionId, type Stage } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { arraySeconds, timedProgramme, togetherSeconds } from "../../src/pipeline/timing.ts";

const stages = [1, 2, 3].map((seed) => laboratory(keyEnvConfig("smoke"), seed).dpo(1));
const count = withAncestors(stages, definitionId).length;

describe("a timed programme", () => {
  test("has every stage after its inputs, with its recorded time and an overhead", () => {
    const timed = timedProgramme(stages, () => 10)!;
    expect(timed).toMatchObject({ estimated: 0, seconds: 10 * count });
    expect(timed.jobs).toHaveLength(count);
    for (const [at, { after }] of timed.jobs.entries()) for (const one of after) expect(one).toBeLessThan(at);
    expect(togetherSeconds(timed, 1)).toBeCloseTo(10.3 * count, 6);
  });

  test("estimates the time of a stage that has none, unless others were recorded with it, and counts it", () => {
    const known = timedProgramme(stages, ({ kind }) => (kind === "preference" ? undefined : 10))!;
    expect(known.estimated).toBe(stages.length);
    const shared = timedProgramme(stages, ({ kind }) => (kind === "logps" ? undefined : 10))!;
    expect(shared).toMatchObject({ estimated: 0, seconds: 10 * (count - stages.length) });
    expect(timedProgramme(stages, () => undefined)).toBeUndefined();
  });

  test("does not believe a time that is far longer than the others of its kind: the machine was suspended", () => {
    const slow = (times: number) => (stage: Stage) =>
      stage.kind === "sft" && stage.setting.seed === 2 ? 10 * times : 10;
    expect(timedProgramme(stages, slow(15))).toMatchObject({ estimated: 0, seconds: 10 * count + 140 });
    const suspended = timedProgramme(stages, slow(1000))!;
    expect(suspended.estimated).toBe(1);
    expect(suspended.seconds).toBeLessThan(20 * count);
  });

  test("leaves out what is done, and needs a rate where no time is known", () => {
    const isDone = ({ kind }: { kind: string }) => kind !== "preference";
    const left = timedProgramme(stages, () => 10, { isDone })!;
    expect(left.jobs).toEqual(stages.map(() => ({ seconds: 10.3, after: [] })));
    expect(timedProgramme(stages, () => undefined, { isDone: () => true })).toMatchObject({
      seconds: 0,
      jobs: [],
    });
    const [one, two] = [1, 2].map((rate) => timedProgramme(stages, () => undefined, { rate })!);
    expect(one!.seconds).toBeGreaterThan(0);
    expect(two!.seconds).toBeCloseTo(2 * one!.seconds, 6);
  });

  test("takes as an array as long as its longest task on enough workers, and longer the fewer there are", () => {
    const timed = timedProgramme(stages, ({ setting }) => 10 * setting.seed)!;
    const [one, two, three] = [1, 2, 3].map((tasks) => arraySeconds(timed, 2 * tasks, 2)!);
    expect(arraySeconds(timed, 1, 2)).toBeUndefined();
    expect(one).toBeGreaterThan(two!);
    expect(two).toBeGreaterThanOrEqual(three!);
    expect(arraySeconds(timed, 512, 2)).toBe(three);
    expect(three).toBeGreaterThanOrEqual(togetherSeconds(timed, 512));
  });
});
