/**
 * @typedef {"ours" | "pytorch" | "jax"} Framework
 *
 * @typedef {object} Case one kind of work at one size
 * @property {string} size
 * @property {"sft" | "dpo" | "sample" | "generate" | "load"} work
 * @property {string[]} runners in the order of the report
 *
 * @typedef {object} Runner an implementation of the work
 * @property {Framework} framework the kind of worker process that runs it
 * @property {string} runner its name in the requests to that process
 * @property {string} label its name in the report
 * @property {boolean} shared whether a training step computes a prompt once for all its completions, and in the last
 *   layer only its keys and values
 */

/** @type {Record<string, Runner>} */
const RUNNERS = {
  torch: { framework: "pytorch", runner: "torch", label: "PyTorch, eager", shared: false },
  "torch-fused": {
    framework: "pytorch",
    runner: "torch-fused",
    label: "PyTorch, eager (fused AdamW)",
    shared: false,
  },
  transformers: { framework: "pytorch", runner: "transformers", label: "transformers", shared: false },
  "torch-compile": { framework: "pytorch", runner: "torch-compile", label: "torch.compile", shared: false },
  "torch-shared": {
    framework: "pytorch",
    runner: "torch-shared",
    label: "PyTorch, eager, shared prompts",
    shared: true,
  },
  "torch-shared-compile": {
    framework: "pytorch",
    runner: "torch-shared-compile",
    label: "torch.compile, shared prompts",
    shared: true,
  },
  jax: { framework: "jax", runner: "jax", label: "JAX", shared: true },
  eager: { framework: "ours", runner: "eager", label: "Allroads, eager", shared: true },
  compiled: { framework: "ours", runner: "compiled", label: "Allroads, compiled", shared: true },
};

/** The runner of Allroads that its peers are compared with. */
export const OURS = "compiled";

/** @param {string} name @returns {Runner} */
export function runnerNamed(name) {
  const runner = RUNNERS[name];
  if (runner === undefined) throw new Error(`There is no runner "${name}".`);
  return runner;
}

/** Whether a runner is another framework's. A peer may fail without failing the bench. @param {string} name */
export const isPeer = (name) => runnerNamed(name).framework !== "ours";

/** @type {Record<Case["work"], string[]>} */
const BASELINES = {
  sft: ["torch", "torch-fused"],
  dpo: ["torch", "torch-fused"],
  sample: ["torch"],
  generate: ["transformers"],
  load: ["transformers"],
};

/**
 * The candidates for the baseline, of which the fastest is used: those of PyTorch, or else the first runner.
 *
 * @param {Case["work"]} work
 * @param {readonly string[]} available the runners that work, at least one
 */
export function baselineCandidates(work, available) {
  const [first] = available;
  if (first === undefined) throw new Error("A baseline needs at least one runner.");
  const [one = first, ...others] = BASELINES[work].filter((name) => available.includes(name));
  return /** @type {[string, ...string[]]} */ ([one, ...others]);
}

/** Sizes that are measured beside eager PyTorch only: all runners of a case are in memory at once. */
export const LARGE_SIZES = ["pythia-70m", "pythia-160m"];

/**
 * The cases of a size.
 *
 * @param {string} size
 * @param {string[]} samplers the runners of Allroads that sample
 * @returns {Case[]}
 */
export function casesForSize(size, samplers) {
  /** @type {Case} */
  const load = { size, work: "load", runners: ["transformers", OURS] };
  if (LARGE_SIZES.includes(size))
    return [
      { size, work: "sft", runners: ["torch", "torch-fused", OURS] },
      { size, work: "dpo", runners: ["torch", "torch-fused", OURS] },
      { size, work: "sample", runners: ["torch", OURS] },
      load,
    ];
  const eager = ["torch", "torch-fused"];
  const others = ["torch-compile", "torch-shared", "torch-shared-compile", "jax", "eager", "compiled"];
  /** @type {Case[]} */
  const cases = [
    { size, work: "sft", runners: [...eager, "transformers", ...others] },
    { size, work: "dpo", runners: [...eager, ...others] },
    { size, work: "sample", runners: ["torch", "torch-compile", "jax", ...samplers] },
  ];
  if (size === "pythia") cases.push(load);
  if (size === "lab") cases.push({ size, work: "generate", runners: ["transformers", "jax", ...samplers] });
  return cases;
}

/**
 * The runners of a case that are also measured in several processes at once with one thread each, which is how Allroads
 * works on several seeds; none except for the smallest size.
 *
 * @param {{ size: string, work: Case["work"] }} case
 * @param {string} baseline
 * @param {readonly string[]} available the runners that work
 */
export function sideBySideRunners({ size, work }, baseline, available) {
  if (size !== "lab" || work === "generate") return [];
  return [...new Set([baseline, "jax", OURS])].filter((name) => available.includes(name));
}

const WORK_NAMES = { sft: "SFT", dpo: "DPO", sample: "sampling", generate: "best of 25", load: "loading" };

/** The name of a case in the report: "lab SFT". @param {Pick<Case, "size" | "work">} case */
export const caseName = ({ size, work }) => `${size} ${WORK_NAMES[work]}`;

export const isTraining = (work) => work === "sft" || work === "dpo";
export const isSampling = (work) => work === "sample" || work === "generate";
