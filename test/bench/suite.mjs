import { availableParallelism } from "node:os";
import path from "node:path";
import { Failure } from "../../kernel/setup/failure.mjs";
import { benchPaths } from "./bench-environment.mjs";
import { casesForSize, isTraining, sideBySideRunners } from "./cases.mjs";
import { startFramework } from "./frameworks.mjs";
import { findGpu } from "./gpu.mjs";
import { requestOrFail } from "./json-worker.mjs";
import { floorTime, measureMatrixProducts } from "./matrix-products.mjs";
import { measureCase } from "./measure-case.mjs";
import { plainFolder } from "./plain-folder.mjs";
import { startProgress } from "./progress.mjs";
import { measureSideBySide } from "./side-by-side.mjs";

/** The length of a block in seconds, and the side of the large square product by device. */
const FULL = { blockSeconds: 0.4, squareSide: { cpu: 2048, cuda: 8192 } };
const QUICK = { blockSeconds: 0.02, squareSide: { cpu: 256, cuda: 256 } };

/** The most processes of a runner at once. Allroads itself never starts more. */
const MOST_PROCESSES = 8;

/** @type {import("./cases.mjs").Framework[]} */
const PEERS = ["pytorch", "jax"];

/**
 * The frameworks whose matrix products are measured.
 *
 * @type {import("./cases.mjs").Framework[]}
 */
const LIBRARIES = ["ours", "pytorch"];

/**
 * Measures training steps, sampling, matrix products, and training and sampling in several processes at once.
 *
 * @param {import("./arguments.mjs").Options} options
 * @param {string} worker the bundle of the Allroads worker
 * @param {Record<string, string>} missing why a peer could not be set up
 * @returns the content of the file for --json
 * @throws {Failure} if Allroads fails, or if two runners do not compute the same
 */
export async function measure({ sizes, rounds, threads, quick }, worker, missing) {
  const { blockSeconds, squareSide } = quick ? QUICK : FULL;
  const settings = { rounds, blockSeconds };
  const plain = plainFolder(benchPaths.bench);
  const started = [];
  /** @type {"cpu" | "cuda"} */
  let kind = "cpu";
  /** @type {import("./measure-case.mjs").Start} */
  const start = (framework, own = {}) => {
    const reason = missing[framework];
    if (reason !== undefined) throw new Failure(reason);
    const each = startFramework(framework, { worker, folder: plain.folder, threads, device: kind, ...own });
    started.push(each);
    return each;
  };
  /** Sends one request to a new process. */
  const ask = async (framework, request) => {
    const each = start(framework);
    try {
      return await requestOrFail(each, request);
    } finally {
      each.kill();
    }
  };
  try {
    const { device, versions, samplers } = await ask("ours", { do: "describe" });
    kind = device.kind;
    for (const peer of PEERS) {
      try {
        Object.assign(versions, (await ask(peer, { do: "describe" })).versions);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        missing[peer] = error.message;
      }
    }
    const cases = sizes.flatMap((size) => casesForSize(size, samplers));
    const progress = startProgress(countParts(cases, rounds));
    const folderOf = (size) => path.join(benchPaths.data, size);

    const measured = [];
    for (const size of sizes) {
      const { facts } = await ask("ours", { do: "prepare", size, folder: folderOf(size) });
      for (const benchCase of cases.filter((each) => each.size === size))
        measured.push(
          await measureCase(benchCase, facts[benchCase.work], folderOf(size), start, settings, progress),
        );
    }

    const square = Array(3).fill(squareSide[device.kind]);
    const largest = measured.flatMap((each) => (each.largest ? [each.largest] : []));
    const shapes = [...new Map([square, ...largest].map((shape) => [shape.join(), shape])).values()];
    const libraries = LIBRARIES.filter((name) => !(name in missing));
    const workers = Object.fromEntries(
      libraries.map((name) => [name, start(name, { parameters: Number.POSITIVE_INFINITY })]),
    );
    const products = await measureMatrixProducts(shapes, workers, settings, progress);
    for (const each of Object.values(workers)) each.kill();
    for (const each of measured)
      if (isTraining(each.work)) Object.assign(each, { floor: floorTime(each, products, square) });

    const processes = Math.min(MOST_PROCESSES, device.kind === "cuda" ? 2 : availableParallelism());
    const sideBySide = [];
    for (const each of measured) {
      const runners = sideBySideRunners(each, each.baseline, Object.keys(each.runners));
      if (runners.length === 0) continue;
      const benchCase = { ...each, runners };
      const folder = folderOf(each.size);
      sideBySide.push(await measureSideBySide(benchCase, each, processes, folder, start, settings, progress));
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
      versions,
      cases: measured,
      square,
      products,
      sideBySide,
    };
  } finally {
    for (const each of started) each.kill();
    plain.remove();
  }
}

/** The number of calls of `progress`: one for the preparation of each runner, and one for each of its blocks. */
function countParts(cases, rounds) {
  const runners = cases.reduce((sum, each) => sum + each.runners.length, 0);
  const products = 2 * (1 + cases.filter(({ work }) => isTraining(work)).length);
  const sideBySide = cases.flatMap((each) => sideBySideRunners(each, each.runners[0], each.runners)).length;
  return runners * (rounds + 2) + (products + sideBySide) * (rounds + 1);
}
