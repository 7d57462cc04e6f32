import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { readJson } from "../../../kernel/setup/files.mjs";
import { jupyterEnvironment } from "../../../kernel/setup/jupyter-environment.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { benchPaths } from "../bench-environment.mjs";
import { rotate, withCpuUsage } from "../interleave.mjs";
import { requestOrFail, startWorker } from "../json-worker.mjs";
import { roundLabel, startProgress } from "../progress.mjs";
import { quartiles, ratioQuartiles } from "../statistics.mjs";
import { makeCellsFolder } from "./cells.mjs";
import { DENO, denoData } from "./deno.mjs";
import { kernelNamed, OURS } from "./kernels.mjs";
import { METRICS } from "./metrics.mjs";

const FULL = { trips: 50, queued: 100 };
const QUICK = { trips: 3, queued: 5 };

const worker = fileURLToPath(new URL("python/worker.py", import.meta.url));

/** The home folder of the kernels, so that no settings or history of the user are read or written. */
const home = path.join(benchPaths.bench, "kernels-home");

/** The variables that are removed from the environment: settings of this machine would distort the start time. */
const IGNORED_VARIABLES = /^(ALLROADS_KERNEL_|NODE_|DENO_|PYTHON|IPYTHON|XDG_)/;

/** The environment variables of the kernels. JUPYTER_PATH has the kernelspecs of the Python environment and Deno's. */
function kernelEnvironment() {
  const inherited = Object.entries(process.env).filter(([name]) => !IGNORED_VARIABLES.test(name));
  const { JUPYTER_PATH, ...env } = jupyterEnvironment(Object.fromEntries(inherited));
  return {
    ...env,
    HOME: home,
    JUPYTER_PATH: `${JUPYTER_PATH}:${denoData}`,
    DENO_NO_UPDATE_CHECK: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/**
 * Measures the kernels in turn, round by round, and finds out their features. The first round warms up the disk cache
 * and the kernels' caches, and is not counted.
 *
 * @param {import("./arguments.mjs").Options} options
 * @param {Record<string, string>} unavailable by name, why a kernel cannot be measured
 * @param {string | null} noCells why the cells of users cannot be run, or null
 * @returns the content of the file for --json
 * @throws {Failure} if the Allroads kernel cannot be measured, or if another one fails twice in a round
 */
export async function measure({ names, rounds, quick }, unavailable, noCells) {
  const counts = quick ? QUICK : FULL;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const client = startWorker("kernel client", paths.python, [worker, paths.notebooks], kernelEnvironment());
  const cellsFolder = noCells === null ? makeCellsFolder() : null;
  try {
    const { ipykernel, python } = await requestOrFail(client, { do: "describe" });
    const available = names.filter((name) => !(name in unavailable));
    const progress = startProgress(available.length * (rounds + 4));

    /** @type {Record<string, any>} */
    const kernels = {};
    for (const kernel of available) {
      const { label } = kernelNamed(kernel);
      progress(`${label}: ${roundLabel(0, rounds)}`);
      try {
        await requestWithRetry(client, { do: "measure", kernel, counts: QUICK });
        progress(`${label}: features`);
        const { found: features } = await requestWithRetry(client, { do: "features", kernel });
        progress(`${label}: cells of users`);
        const cells = await tryCells(client, kernel, cellsFolder?.folder);
        progress(`${label}: jupyter_kernel_test`);
        const { found: suites } = await requestWithRetry(client, { do: "suites", kernel });
        kernels[kernel] = { label, features, cells, suites, rounds: [] };
      } catch (error) {
        if (!(error instanceof Failure) || kernel === OURS) throw error;
        unavailable[kernel] = error.message;
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const kernel of rotate(Object.keys(kernels), round)) {
        progress(`${kernels[kernel].label}: ${roundLabel(round + 1, rounds)}`);
        const request = { do: "measure", kernel, counts };
        kernels[kernel].rounds.push(await withCpuUsage(() => requestWithRetry(client, request)));
      }
    }
    for (const each of Object.values(kernels)) each.measures = summarize(each.rounds, kernels[OURS].rounds);
    const version = (...file) => readJson(path.join(paths.root, ...file, "package.json")).version;
    return {
      date: new Date().toISOString(),
      quick,
      rounds,
      device: { name: cpus()[0]?.model.trim() ?? "unknown processor", cores: availableParallelism() },
      versions: {
        allroads: version("kernel"),
        deno: DENO,
        tslab: version("node_modules", "tslab"),
        python3: ipykernel,
        node: process.versions.node,
        python,
      },
      kernels,
      unavailable,
      noCells,
    };
  } finally {
    cellsFolder?.remove();
    client.kill();
  }
}

/** Runs the cells of users on a kernel: whether each works, or null if they are not in its language or cannot be run. */
async function tryCells(client, kernel, folder) {
  if (folder === undefined || kernelNamed(kernel).language !== "typescript") return null;
  const { found } = await requestWithRetry(client, { do: "cells", kernel, folder });
  return found;
}

/** Sends a request, and once more if it fails, since kernels occasionally lose a message. */
async function requestWithRetry(client, request) {
  try {
    return await requestOrFail(client, request);
  } catch (error) {
    if (error instanceof Failure) return requestOrFail(client, request);
    throw error;
  }
}

/**
 * The quartiles of each metric over the rounds of a kernel, and of the ratios of our rounds to these. Rounds without a
 * number are left out; a result without any number is null.
 *
 * @param {Record<string, any>[]} rounds
 * @param {Record<string, any>[]} ours the same rounds of the Allroads kernel
 * @returns {Record<string, { value: import("../statistics.mjs").Quartiles | null, ratio: import("../statistics.mjs").Quartiles | null }>}
 */
export function summarize(rounds, ours) {
  return Object.fromEntries(
    Object.keys(METRICS).map((metric) => {
      const numbers = rounds.map((round) => round[metric]).filter(isNumber);
      const pairs = rounds
        .map((round, index) => ({ own: ours[index]?.[metric], other: round[metric] }))
        .filter(({ own, other }) => isNumber(own) && isNumber(other));
      const ratio = () =>
        ratioQuartiles(
          pairs.map(({ own }) => own),
          pairs.map(({ other }) => other),
        );
      return [
        metric,
        {
          value: numbers.length > 0 ? quartiles(numbers) : null,
          ratio: pairs.length > 0 ? ratio() : null,
        },
      ];
    }),
  );
}

const isNumber = (value) => typeof value === "number";
