/**
 * @typedef {object} Case one kind of work at one size
 * @property {string} size
 * @property {"sft" | "dpo" | "sample" | "generate"} work
 * @property {string[]} runners
 *
 * @typedef {object} Runner an implementation of the work
 * @property {"ours" | "pytorch"} process the worker process that runs it
 * @property {string} runner its name in the requests to that process
 * @property {string} label its name in the report
 */

/** @type {Record<string, Runner>} */
const RUNNERS = {
  eager: { process: "ours", runner: "eager", label: "Allroads, eager" },
  compiled: { process: "ours", runner: "compiled", label: "Allroads, compiled" },
  torch: { process: "pytorch", runner: "torch", label: "PyTorch, eager" },
  "torch-fused": { process: "pytorch", runner: "torch-fused", label: "PyTorch, eager (fused AdamW)" },
  "torch-compile": { process: "pytorch", runner: "torch-compile", label: "torch.compile" },
  transformers: { process: "pytorch", runner: "transformers", label: "transformers" },
};

/** @param {string} name @returns {Runner} */
export function runnerNamed(name) {
  const runner = RUNNERS[name];
  if (runner === undefined) throw new Error(`There is no runner "${name}".`);
  return runner;
}

/** The runner that may fail without failing the bench: it needs the headers of Python and a C++ compiler. */
export const OPTIONAL_RUNNER = "torch-compile";

/**
 * The candidates for the baseline of each kind of work; the fastest of them is used.
 *
 * @type {Record<Case["work"], [string, ...string[]]>}
 */
export const BASELINES = {
  sft: ["torch", "torch-fused"],
  dpo: ["torch", "torch-fused"],
  sample: ["torch"],
  generate: ["transformers"],
};

/**
 * The cases of a size.
 *
 * @param {string} size
 * @param {string[]} samplers the runners of Allroads that sample
 * @returns {Case[]}
 */
export function casesForSize(size, samplers) {
  const training = ["eager", "compiled", "torch", "torch-fused", "torch-compile"];
  /** @type {Case[]} */
  const cases = [
    { size, work: "sft", runners: [...training, "transformers"] },
    { size, work: "dpo", runners: training },
    { size, work: "sample", runners: [...samplers, "torch", "torch-compile"] },
  ];
  if (size === "lab") cases.push({ size, work: "generate", runners: [...samplers, "transformers"] });
  return cases;
}

const WORK_NAMES = { sft: "SFT", dpo: "DPO", sample: "sampling", generate: "best of 25" };

/** The name of a case in the report: "lab SFT". @param {Pick<Case, "size" | "work">} case */
export const caseName = ({ size, work }) => `${size} ${WORK_NAMES[work]}`;

export const isTraining = (work) => work === "sft" || work === "dpo";
