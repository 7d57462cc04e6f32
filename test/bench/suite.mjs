import { availableParallelism } from "node:os";
import path from "node:path";
import { benchPaths } from "./bench-environment.mjs";
import { casesForSize, isTraining } from "./cases.mjs";
import { measureConcurrentTraining } from "./concurrent-training.mjs";
import { startFramework } from "./frameworks.mjs";
import { findGpu } from "./gpu.mjs";
import { requestOrFail } from "./json-worker.mjs";
import { floorTime, measureMatrixProducts } from "./matrix-products.mjs";
import { measureCase } from "./measure-case.mjs";
import { startProgress } from "./progress.mjs";

/** The length of a block in seconds, and the side of the large square product by device. */
const FULL = { blockSeconds: 0.4, squareSide: { cpu: 2048, cuda: 8192 } };
const QUICK = { blockSeconds: 0.02, squareSide: { cpu: 256, cuda: 256 } };

/** The most training processes at once. Allroads itself never starts more. */
const MOST_PROCESSES = 8;

/**
 * Measures training steps, sampling, matrix products, and training in several processes at once.
 *
 * @param {import("./arguments.mjs").Options} options
 * @param {string} worker the bundle of the Allroads worker
 * @returns the content of the file for --json
 * @throws {Failure} if a worker fails, or if two runners do not compute the same
 */
export async function measure({ sizes, rounds, threads, quick }, worker) {
  const { blockSeconds, squareSide } = quick ? QUICK : FULL;
  const settings = { rounds, blockSeconds };
  const started = [];
  const start = (framework, device) => {
    const each = startFramework(framework, { worker, threads, device });
    started.push(each);
    return each;
  };
  try {
    const ours = start("ours");
    const { device, versions, samplers } = await requestOrFail(ours, { do: "describe" });
    const pytorch = start("pytorch", device.kind);
    const { versions: pytorchVersions } = await requestOrFail(pytorch, { do: "describe" });
    const workers = { ours, pytorch };
    const cases = sizes.flatMap((size) => casesForSize(size, samplers));
    const progress = startProgress(countParts(cases, rounds));

    const measured = [];
    for (const size of sizes) {
      const folder = path.join(benchPaths.data, size);
      const { facts } = await requestOrFail(ours, { do: "prepare", size, folder });
      await requestOrFail(pytorch, { do: "prepare", size, folder });
      for (const benchCase of cases.filter((each) => each.size === size))
        measured.push(await measureCase(benchCase, facts[benchCase.work], workers, settings, progress));
    }

    const square = Array(3).fill(squareSide[device.kind]);
    const largest = measured.flatMap((each) => (each.largest ? [each.largest] : []));
    const shapes = [...new Map([square, ...largest].map((shape) => [shape.join(), shape])).values()];
    const products = await measureMatrixProducts(shapes, workers, settings, progress);
    for (const each of measured)
      if (isTraining(each.work)) Object.assign(each, { floor: floorTime(each, products, square) });

    for (const each of started) each.kill();
    const processes = Math.min(MOST_PROCESSES, device.kind === "cuda" ? 2 : availableParallelism());
    const sideBySide = [];
    for (const { size, work, baseline } of measured) {
      if (size !== "lab" || !isTraining(work)) continue;
      const benchCase = { size, work, runner: "compiled", baseline };
      const place = { worker, device: device.kind, folder: path.join(benchPaths.data, size) };
      sideBySide.push(await measureConcurrentTraining(benchCase, processes, place, settings, progress));
    }
    return {
      date: new Date().toISOString(),
      quick,
      rounds,
      device: {
        ...device,
        ...(device.kind === "cuda" && findGpu()),
        cores: availableParallelism(),
        threads,
      },
      versions: { ...versions, ...pytorchVersions },
      cases: measured,
      square,
      products,
      sideBySide,
    };
  } finally {
    for (const each of started) each.kill();
  }
}

/** The number of calls of `progress`: one for the preparation of each runner, and one for each of its blocks. */
function countParts(cases, rounds) {
  const runners = cases.reduce((sum, each) => sum + each.runners.length, 0);
  const products = 2 * (1 + cases.filter(({ work }) => isTraining(work)).length);
  const concurrent = 2 * cases.filter(({ size, work }) => size === "lab" && isTraining(work)).length;
  return runners * (rounds + 2) + (products + concurrent) * (rounds + 1);
}
