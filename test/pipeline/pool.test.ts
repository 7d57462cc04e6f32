import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../temporary.ts";

/* The built package, as notebooks use it: only there do workers run in processes. */
const allroads = await import("allroads");

const smoke = allroads.keyEnvConfig("smoke");
const config = {
  ...smoke,
  sizes: { demonstrations: 256, pairs: 24, validation: 4, evaluation: 4 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  verification: { prompts: 2, completions: 2 },
};
/** Trains and judges the main comparison with the built package. */
async function runMain(
  seeds: readonly number[],
  folder: string,
  pool: ReturnType<typeof allroads.pipeline.processPool>,
  onProgress?: Parameters<typeof allroads.pipeline.execute>[3],
) {
  const store = allroads.pipeline.openStore(folder);
  const plans = seeds.map((seed) => {
    const plan = allroads.experiments.mainComparison.mainComparisonPlan(allroads.laboratory(config, seed));
    return allroads.seedPlan(seed, plan);
  });
  await allroads.pipeline.execute(store, plans.flatMap(allroads.results.wantedStages), pool, onProgress);
  return plans.map((planned) => allroads.results.collect(planned, allroads.results.storeRecords(store)));
}
const children = () =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);

afterEach(() => vi.unstubAllEnvs());

describe("a pool of processes", () => {
  test("names a killed worker, keeps the finished stages, and continues in the next run", async () => {
    const store = temporaryFolder("pool");
    const before = children();
    const pool = allroads.pipeline.processPool(2);
    const killed = runMain([3, 4], store, pool, ({ done }) => {
      const workers = children().filter((pid) => !before.includes(pid));
      if (done > 0 && workers.length === 2) process.kill(Number(workers[0]), "SIGKILL");
    });
    await expect(killed).rejects.toThrow(
      /^The worker computing [a-z-]+ of seed [34] ended early \(SIGKILL.*\): run the same command again to continue/s,
    );
    pool.close();
    const next = allroads.pipeline.processPool(2);
    const results = await runMain([3, 4], store, next);
    next.close();
    expect(results.map(({ seed }) => seed)).toEqual([3, 4]);
  });

  test("starts another worker for one that died while it was idle", async () => {
    const before = children();
    const pool = allroads.pipeline.processPool(1);
    const store = allroads.pipeline.openStore(temporaryFolder("pool"));
    const [first, second] = [3, 4].map((seed) => allroads.laboratory(config, seed).sft);
    await allroads.pipeline.execute(store, [first!], pool);
    for (const pid of children().filter((pid) => !before.includes(pid))) process.kill(pid, "SIGKILL");
    await setTimeout(100);
    await allroads.pipeline.execute(store, [second!], pool);
    await pool.close();
    expect(store.has(second!)).toBe(true);
    expect(children().filter((pid) => !before.includes(pid))).toEqual([]);
  });

  test("has workers that compute nothing for a program with other code", async () => {
    const worker = fork(path.join(import.meta.dirname, "../../src/dist/worker.cjs"), { stdio: "ignore" });
    onTestFinished(() => void worker.kill());
    const stage = allroads.laboratory(config, 3).sft;
    const store = temporaryFolder("pool");
    worker.send({ store, stage, code: "0123456789abcdef" });
    const [reply] = await once(worker, "message");
    expect(reply).toEqual({
      kind: "failed",
      message: expect.stringMatching(/^The code of .* was built anew/),
    });
    expect(readdirSync(store)).toEqual([]);
  });

  test("lets two experiments share one store at once", async () => {
    const store = temporaryFolder("pool");
    const pools = [allroads.pipeline.processPool(1), allroads.pipeline.processPool(1)];
    const [one, other] = await Promise.all(pools.map((pool) => runMain([5], store, pool)));
    for (const pool of pools) pool.close();
    expect(one?.map(({ arms }) => arms)).toEqual(other?.map(({ arms }) => arms));
  });

  test("has as many workers as ALLROADS_WORKERS says, and refuses what is not a number", () => {
    vi.stubEnv("ALLROADS_WORKERS", "3");
    expect(allroads.pipeline.defaultPool().size).toBe(3);
    vi.stubEnv("ALLROADS_WORKERS", "many");
    expect(() => allroads.pipeline.defaultPool()).toThrow(
      'ALLROADS_WORKERS must be a whole number of processes above 0, not "many".',
    );
  });
});
