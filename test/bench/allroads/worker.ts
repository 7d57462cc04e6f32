import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { paddedShape } from "../../../src/models/batch.ts";
import { largestProduct, stepFlops, stepShape } from "../../../src/models/flops.ts";
import { device } from "../../../src/tensors/backend.ts";
import { type Workload, workload, writeWorkload } from "./data.ts";
import { loadingRunner } from "./loading.ts";
import { matmulRunner } from "./matmul.ts";
import { peakOf, residentMemory } from "./memory.ts";
import { samplers, samplingRunner } from "./sampling.ts";
import { BEST_OF, type SizeName, type Work } from "./sizes.ts";
import { type Runner, trainingRunner } from "./training.ts";

/*
 * The Allroads worker. Requests are JSON lines on stdin; replies go to file descriptor 3, which libraries do not print
 * to. The process ends when stdin is closed.
 */

/** Work and the runner that does it. */
export type Task =
  | { readonly work: Work; readonly size: SizeName; readonly runner: string }
  | { readonly work: "matmul"; readonly shape: readonly [number, number, number] };

export type Request =
  | { readonly do: "describe" }
  /** Makes the weights and examples of a size and writes them into a folder for the other workers. */
  | { readonly do: "prepare"; readonly size: SizeName; readonly folder: string }
  /** Makes the weights and examples of a size again, with what "prepare" wrote into the folder. */
  | { readonly do: "load"; readonly size: SizeName; readonly folder: string }
  /**
   * Returns the losses of the first steps, and the most memory that the later ones use beyond what the process had before
   * "load"; or the tokens of greedy completions; or the sum of the magnitudes of the weights that were read.
   */
  | { readonly do: "check"; readonly task: Task; readonly steps: number }
  | { readonly do: "run"; readonly task: Task; readonly steps: number }
  /** Disposes of all runners. */
  | { readonly do: "forget" };

/** The amount of work in one step. */
export interface Facts {
  /** The number of completions of a sampling step, and their length in tokens. */
  readonly completions?: number;
  readonly length?: number;
  /** The number of the model's parameters. */
  readonly parameters: number;
  /** The floating-point operations of the matrix products of a training step, and its largest product [m, k, n]. */
  readonly flops?: number;
  readonly largest?: readonly [number, number, number];
}

/** The steps in which a step is compiled. They do not count in the memory of a step. */
const FIRST_STEPS = 2;

const runners = new Map<string, Runner>();
let memoryBefore = 0;
let loaded: { readonly name: SizeName; readonly load: Workload; readonly folder: string } | undefined;

function runnerFor(task: Task): Runner {
  const key = JSON.stringify(task);
  const known = runners.get(key);
  if (known !== undefined) return known;
  const made = makeRunner(task);
  runners.set(key, made);
  return made;
}

function makeRunner(task: Task, temperature = 1): Runner {
  if (task.work === "matmul") {
    const [m, k, n] = task.shape;
    return matmulRunner({ m, k, n });
  }
  const { work, runner } = task;
  const load = loadOf(task.size);
  if (work === "load") return loadingRunner(loaded!.folder, temperature === 0);
  if (work === "sft" || work === "dpo") return trainingRunner(work, load, runner === "compiled");
  return samplingRunner(work, load, runner, temperature);
}

function loadOf(name: SizeName, folder?: string): Workload {
  if (loaded?.name !== name) loaded = { name, load: workload(name, folder), folder: folder ?? "" };
  return loaded.load;
}

function factsOf({ size, model, sft, dpo }: Workload): Record<Work, Facts> {
  const { config, sample } = size;
  const parameters = model.weights.length;
  const training = (work: "sft" | "dpo"): Facts => {
    const groups = work === "sft" ? sft : dpo;
    const completions = Math.max(...groups.map((group) => group.completions.length));
    const shape = stepShape(size[work].batchSize, completions, paddedShape(groups));
    const { m, k, n } = largestProduct(config, shape);
    return { parameters, flops: stepFlops(config, shape), largest: [m, k, n] };
  };
  const sampling = (each: number): Facts => ({
    parameters,
    completions: sample.prompts * each,
    length: sample.tokens,
  });
  return {
    sft: training("sft"),
    dpo: training("dpo"),
    sample: sampling(sample.completions),
    generate: sampling(BEST_OF),
    load: { parameters },
  };
}

async function check(task: Task, steps: number): Promise<{ values: number[]; memory?: number | undefined }> {
  if (task.work === "sft" || task.work === "dpo") {
    const runner = runnerFor(task);
    const first = await runner.run(FIRST_STEPS);
    const { result, peak } = await peakOf(() => runner.run(steps - FIRST_STEPS));
    return { values: [...first, ...result], memory: peak && peak - memoryBefore };
  }
  const greedy = makeRunner(task, 0);
  try {
    return { values: await greedy.run(1) };
  } finally {
    greedy.dispose();
  }
}

/** The seconds that `steps` steps take. Short steps run once before, to bring their data back into the CPU caches. */
async function run(task: Task, steps: number): Promise<number> {
  const runner = runnerFor(task);
  if (task.work === "sft" || task.work === "dpo" || task.work === "matmul") await runner.run(1);
  const started = performance.now();
  await runner.run(steps);
  return (performance.now() - started) / 1000;
}

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case "describe": {
      const { kind, name, tensorflow } = device();
      const versions = { node: process.versions.node, tensorflow };
      return { device: { kind, name }, versions, samplers: Object.keys(samplers) };
    }
    case "prepare": {
      const load = loadOf(request.size);
      writeWorkload(request.folder, load);
      return { facts: factsOf(load) };
    }
    case "load":
      memoryBefore = residentMemory();
      loadOf(request.size, request.folder);
      return {};
    case "check":
      return check(request.task, request.steps);
    case "run":
      return { seconds: await run(request.task, request.steps) };
    case "forget":
      for (const runner of runners.values()) runner.dispose();
      runners.clear();
      return {};
  }
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

for await (const line of createInterface({ input: process.stdin })) {
  const before = cpuSeconds();
  let reply: object;
  try {
    reply = { ...(await answer(JSON.parse(line))), cpu: cpuSeconds() - before };
  } catch (error) {
    reply = { failed: error instanceof Error ? error.message : String(error) };
  }
  writeSync(3, `${JSON.stringify(reply)}\n`);
}
process.exit(0);
