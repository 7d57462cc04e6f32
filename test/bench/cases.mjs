/**
 * @typedef {object} Case one piece of work at one size
 * @property {string} size
 * @property {"sft" | "dpo" | "sample" | "generate"} work
 * @property {string[]} runners
 */

/**
 * Who does the work: the process that is asked, the name it knows the runner by, and the one people read.
 *
 * @type {Record<string, { process: "ours" | "pytorch", runner: string, label: string }>}
 */
export const RUNNERS = {
  eager: { process: "ours", runner: "eager", label: "Allroads, eager" },
  compiled: { process: "ours", runner: "compiled", label: "Allroads, compiled" },
  torch: { process: "pytorch", runner: "torch", label: "PyTorch, eager" },
  "torch-fused": { process: "pytorch", runner: "torch-fused", label: "PyTorch, eager (fused AdamW)" },
  "torch-compile": { process: "pytorch", runner: "torch-compile", label: "torch.compile" },
  transformers: { process: "pytorch", runner: "transformers", label: "transformers" },
};

/** What can be missing on a machine without the bench failing: it needs Python's headers and a compiler. */
export const OPTIONAL = "torch-compile";

/** What others are set beside: the fastest of these that was measured. */
export const BASELINES = {
  sft: ["torch", "torch-fused"],
  dpo: ["torch", "torch-fused"],
  sample: ["torch"],
  generate: ["transformers"],
};

/**
 * What is measured at a size.
 *
 * @param {string} size
 * @param {string[]} samplers Allroads' runners that sample
 * @returns {Case[]}
 */
export function casesOf(size, samplers) {
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

const NAMES = { sft: "SFT", dpo: "DPO", sample: "sampling", generate: "best of 25" };

/** A case as people read it: "lab SFT". @param {Pick<Case, "size" | "work">} each */
export const nameOf = ({ size, work }) => `${size} ${NAMES[work]}`;

export const isTraining = (work) => work === "sft" || work === "dpo";
