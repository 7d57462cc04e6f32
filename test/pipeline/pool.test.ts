import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";

/* The built package, as notebooks use it: only there are workers processes of their own. */
const allroads = await import("allroads");

const smoke = allroads.keyEnvConfig("smoke");
const config = {
  ...smoke,
  sizes: { demonstrations: 256, pairs: 24, validation: 4, evaluation: 4 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  verification: { prompts: 2, completions: 2 },
};
/** As the tests of one process run it, on the built package. */
async function runMain(
  seeds: readonly number[],
  store: string,
  pool: ReturnType<typeof allroads.processPool>,
  onProgress?: Parameters<typeof allroads.trainPlans>[3],
) {
  const plans = seeds.map((seed) => allroads.mainComparisonPlan(allroads.laboratory(config, seed)));
  await allroads.trainPlans(plans, store, pool, onProgress);
  return plans.map((plan, index) => allroads.collect(seeds[index]!, plan, allroads.storeRecords(store)));
}
const newStore = () => mkdtempSync(path.join(tmpdir(), "allroads pool "));
const children = () =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);

afterEach(() => vi.unstubAllEnvs());

describe("a pool of processes", () => {
  it("says which worker was killed, leaves the others' work whole, and continues on the next run", async () => {
    const store = newStore();
    const before = children();
    const pool = allroads.processPool(2);
    const killed = runMain([3, 4], store, pool, ({ done }) => {
      const workers = children().filter((pid) => !before.includes(pid));
      if (done > 0 && workers.length === 2) process.kill(workers[0]!, "SIGKILL");
    });
    await expect(killed).rejects.toThrow(
      /^The worker computing [a-z-]+ of seed [34] ended early \(SIGKILL.*\): run the same command again to continue/s,
    );
    pool.close();
    const next = allroads.processPool(2);
    const results = await runMain([3, 4], store, next);
    next.close();
    expect(results.map(({ seed }) => seed)).toEqual([3, 4]);
  });

  it("lets two experiments share one store at once", async () => {
    const store = newStore();
    const pools = [allroads.processPool(1), allroads.processPool(1)];
    const [one, other] = await Promise.all(pools.map((pool) => runMain([5], store, pool)));
    for (const pool of pools) pool.close();
    expect(one![0]!.arms).toEqual(other![0]!.arms);
  });

  it("takes as many workers as the user says, where that is a number", () => {
    vi.stubEnv("ALLROADS_WORKERS", "3");
    expect(allroads.defaultPool().size).toBe(3);
    vi.stubEnv("ALLROADS_WORKERS", "many");
    expect(() => allroads.defaultPool()).toThrow(
      'ALLROADS_WORKERS must be a whole number of processes above 0, not "many".',
    );
  });
});
