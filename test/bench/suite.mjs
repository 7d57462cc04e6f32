import { availableParallelism } from "node:os";
import path from "node:path";
import { findCard } from "./card.mjs";
import { casesOf, isTraining } from "./cases.mjs";
import { places } from "./environment.mjs";
import { measureCase, must } from "./measure-case.mjs";
import { start } from "./processes.mjs";
import { floorOf, measureProducts } from "./products.mjs";
import { progressOver } from "./progress.mjs";
import { measureSideBySide } from "./side-by-side.mjs";

/** How long blocks are, in seconds, and the square product that the machine's rate is measured on. */
const FULL = { blockSeconds: 0.4, square: { cpu: 2048, cuda: 8192 } };
const QUICK = { blockSeconds: 0.02, square: { cpu: 256, cuda: 256 } };

/** As many processes at once as the product starts at the most. */
const MOST_PROCESSES = 8;

/**
 * Measures training steps, sampling and matrix products, and training in many processes at once.
 *
 * @param {import("./arguments.mjs").Options} options
 * @param {string} worker the bundle of Allroads' process
 * @returns what `--json` writes
 * @throws {Failure} where a process fails, or two runners do not compute the same
 */
export async function measure({ sizes, rounds, threads, quick }, worker) {
  const { blockSeconds, square: side } = quick ? QUICK : FULL;
  const settings = { rounds, blockSeconds };
  const started = [];
  const begin = (kind, device) => {
    started.push(start(kind, { worker, threads, device }));
    return started.at(-1);
  };
  try {
    const ours = begin("ours");
    const { device, versions, samplers } = await must(ours, { do: "describe" });
    const pytorch = begin("pytorch", device.kind);
    const { versions: others } = await must(pytorch, { do: "describe" });
    const processes = { ours, pytorch };
    const cases = sizes.flatMap((size) => casesOf(size, samplers));
    const progress = progressOver(partsOf(cases, rounds));

    const measured = [];
    for (const size of sizes) {
      const folder = path.join(places.data, size);
      const { facts } = await must(ours, { do: "prepare", size, folder });
      await must(pytorch, { do: "prepare", size, folder });
      for (const each of cases.filter((one) => one.size === size))
        measured.push(await measureCase(each, facts[each.work], processes, settings, progress));
    }

    const square = Array(3).fill(side[device.kind]);
    const largest = measured.flatMap((each) => (each.largest ? [each.largest] : []));
    const shapes = [...new Map([square, ...largest].map((shape) => [shape.join(), shape])).values()];
    const products = await measureProducts(shapes, processes, settings, progress);
    for (const each of measured)
      if (isTraining(each.work)) Object.assign(each, { floor: floorOf(each, products, square) });

    for (const each of started) each.end();
    const atOnce = Math.min(MOST_PROCESSES, device.kind === "cuda" ? 2 : availableParallelism());
    const sideBySide = [];
    for (const { size, work, baseline } of measured) {
      if (size !== "lab" || !isTraining(work)) continue;
      const each = { size, work, runners: ["compiled", baseline] };
      const place = { worker, device: device.kind, folder: path.join(places.data, size) };
      sideBySide.push(await measureSideBySide(each, atOnce, place, settings, progress));
    }
    return {
      date: new Date().toISOString(),
      quick,
      rounds,
      device: {
        ...device,
        ...(device.kind === "cuda" && findCard()),
        cores: availableParallelism(),
        threads,
      },
      versions: { ...versions, ...others },
      cases: measured,
      square,
      products,
      sideBySide,
    };
  } finally {
    for (const each of started) each.end();
  }
}

/** How many times `progress` is called: once as each runner gets ready, and once for each of its blocks. */
function partsOf(cases, rounds) {
  const runners = cases.reduce((sum, each) => sum + each.runners.length, 0);
  const products = 2 * (1 + cases.filter(({ work }) => isTraining(work)).length);
  const atOnce = 2 * cases.filter(({ size, work }) => size === "lab" && isTraining(work)).length;
  return runners * (rounds + 2) + (products + atOnce) * (rounds + 1);
}
