/*
 * node compute-with-stubs.mjs JSON: computes the stages of one seed in a run store, as a process of its own that shares
 * the store with others. JSON has `store`, its folder; `log`, a file that gets a line per computation; `stage`, the
 * milliseconds that a computation takes; and `lease`, the options of leases. Results are made up. Prints a line when the
 * library is loaded, then waits for a line on standard input.
 */

import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import allroads from "allroads";

const { store: folder, log, stage: milliseconds, lease } = JSON.parse(process.argv[2]);
const { pipeline, results } = allroads;
const lab = allroads.laboratory(allroads.keyEnvConfig("smoke"), 3);
const plan = allroads.seedPlan(3, allroads.experiments.mainComparison.mainComparisonPlan(lab));
const provenance = { device: "", tensorflow: "", node: "", seconds: 0, finished: "", code: "" };

const pool = {
  size: 1,
  async run(_, stage, onProgress) {
    const id = pipeline.stageId(stage);
    appendFileSync(log, `start ${id}\n`);
    await setTimeout(milliseconds);
    onProgress(0.5);
    pipeline.openStore(folder).write(stage, { made: id }, provenance);
    appendFileSync(log, `end ${id}\n`);
  },
  close() {},
};

process.stdout.write("ready\n");
await once(process.stdin, "data");
await pipeline.execute(pipeline.openStore(folder), results.wantedStages(plan), pool, undefined, {
  lease,
  look: 50,
});
process.exit(0);
