import { describe, expect, test, vi } from "vitest";
import { heldResults } from "../../src/cluster/stored.ts";
import { tasksOf } from "../../src/cluster/tasks.ts";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { Stage } from "../../src/pipeline/stage.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";

let machine = "cpu here";
const asked = vi.fn(() => machine);
vi.mock("../../src/pipeline/platform.ts", () => ({ platform: () => asked() }));

const provenance = { device: "", tensorflow: "", node: "", seconds: 1, finished: "", code: "" };
const [first, second] = [3, 33].map((seed) => laboratory(keyEnvConfig("smoke"), seed)) as [
  ReturnType<typeof laboratory>,
  ReturnType<typeof laboratory>,
];

/** Stores results as if they had been computed on a platform. */
function compute(folder: string, platform: string, ...stages: Stage[]) {
  machine = platform;
  for (const stage of stages) openStore(folder).write(stage, { metrics: [] } as never, provenance);
  machine = "cpu here";
}

describe("the results that a store holds", () => {
  test("of a card are seen by a machine that has none, which is not asked what it has", () => {
    const store = temporaryFolder("held");
    compute(store, "cuda card", first.sft);
    const tasks = tasksOf([first.sft, second.sft]);
    asked.mockClear();
    expect(heldResults(store, tasks, "cuda")).toEqual(
      new Map([
        [3, { count: 1, platform: "cuda card" }],
        [33, { count: 0, platform: undefined }],
      ]),
    );
    expect(asked).not.toHaveBeenCalled();
    expect(heldResults(store, tasks, "cpu").get(3)).toEqual({ count: 0, platform: undefined });
  });

  test("on several platforms are not put together", () => {
    const store = temporaryFolder("held");
    compute(store, "cpu avx2", first.sft);
    compute(store, "cpu avx512", first.sft, first.dpo(1));
    expect(heldResults(store, tasksOf([first.dpo(1)]), "cpu").get(3)).toEqual({
      count: 2,
      platform: "cpu avx512",
    });
  });
});
