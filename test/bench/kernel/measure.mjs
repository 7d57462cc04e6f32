import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { jsonOf } from "../../../kernel/setup/files.mjs";
import { jupyterEnvironment } from "../../../kernel/setup/jupyter_environment.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { startProcess } from "../answering.mjs";
import { places } from "../environment.mjs";
import { observed, rotated } from "../interleave.mjs";
import { must } from "../measure-case.mjs";
import { progressOver, turn } from "../progress.mjs";
import { spread, spreadOfRatios } from "../statistics.mjs";
import { DENO, denoData } from "./deno.mjs";
import { KERNELS, OURS } from "./kernels.mjs";
import { MEASURES } from "./measures.mjs";

const FULL = { trips: 50, queued: 100 };
const QUICK = { trips: 3, queued: 5 };

const worker = fileURLToPath(new URL("python/worker.py", import.meta.url));

/** A home folder of their own for the kernels: no settings or history of the user are read or written. */
const home = path.join(places.bench, "kernels-home");

/** What this machine asks of a runtime is not measured: certificates that Node reads at its start, for example. */
const SETTINGS = /^(ALLROADS_KERNEL_|NODE_|DENO_|PYTHON|IPYTHON|XDG_)/;

/** What kernels are started in: those of the Python environment, and Deno's. */
function environment() {
  const inherited = Object.entries(process.env).filter(([name]) => !SETTINGS.test(name));
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
 * Measures the kernels in turn, round by round, and asks each what it can do. The first round warms up the disk's
 * cache and the kernels' own, and does not count.
 *
 * @param {import("./arguments.mjs").Options} options
 * @param {Record<string, string>} unavailable why kernels cannot be had, by name
 * @returns what `--json` writes
 * @throws {Failure} where Allroads' kernel cannot be measured, or another one twice in a round
 */
export async function measure({ names, rounds, quick }, unavailable) {
  const counts = quick ? QUICK : FULL;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const client = startProcess("the kernels' client", paths.python, [worker, paths.notebooks], environment());
  try {
    const { ipykernel, python } = await must(client, { do: "describe" });
    const there = names.filter((name) => !(name in unavailable));
    const progress = progressOver(there.length * (rounds + 3));

    /** @type {Record<string, any>} */
    const kernels = {};
    for (const kernel of there) {
      const { label } = KERNELS[kernel];
      progress(`${label}: ${turn(0, rounds)}`);
      try {
        await twice(client, { do: "measure", kernel, counts: QUICK });
        progress(`${label}: what it can do`);
        const { found: features } = await twice(client, { do: "features", kernel });
        progress(`${label}: jupyter_kernel_test`);
        const { found: suites } = await twice(client, { do: "suites", kernel });
        kernels[kernel] = { label, features, suites, rounds: [] };
      } catch (error) {
        if (!(error instanceof Failure) || kernel === OURS) throw error;
        unavailable[kernel] = error.message;
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const kernel of rotated(Object.keys(kernels), round)) {
        progress(`${KERNELS[kernel].label}: ${turn(round + 1, rounds)}`);
        const request = { do: "measure", kernel, counts };
        kernels[kernel].rounds.push(await observed(() => twice(client, request)));
      }
    }
    for (const each of Object.values(kernels)) each.measures = summary(each.rounds, kernels[OURS].rounds);
    const version = (...file) => jsonOf(path.join(paths.root, ...file, "package.json")).version;
    return {
      date: new Date().toISOString(),
      quick,
      rounds,
      device: { name: cpus()[0].model.trim(), cores: availableParallelism() },
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
    };
  } finally {
    client.end();
  }
}

/** What a kernel's client answers; asked again where that fails, for kernels lose a message now and then. */
async function twice(client, request) {
  try {
    return await must(client, request);
  } catch (error) {
    if (error instanceof Failure) return must(client, request);
    throw error;
  }
}

/**
 * Each measure's median and quartiles, and those of our rounds over these. Rounds that gave no number are left out;
 * where none gave one, there is null.
 */
export function summary(rounds, ours) {
  return Object.fromEntries(
    Object.keys(MEASURES).map((measure) => {
      const pairs = rounds.map((round, at) => [ours[at][measure], round[measure]]);
      const numbers = pairs.map(([, number]) => number).filter(isThere);
      const both = pairs.filter((pair) => pair.every(isThere));
      const ratio = spreadOfRatios(
        both.map(([own]) => own),
        both.map(([, number]) => number),
      );
      return [
        measure,
        { value: numbers.length > 0 ? spread(numbers) : null, ratio: both.length > 0 ? ratio : null },
      ];
    }),
  );
}

const isThere = (number) => typeof number === "number";
