/*
 * The code that one must read to follow DPO training: `node test/reading-size.mjs` prints the files that
 * src/training/preference.ts imports, directly or not, with their lines. Types, src/tensors, sampling, file formats and
 * what saves memory in large models are left out.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(import.meta.dirname, "..");
const START = "src/training/preference.ts";
const LEFT_OUT = [
  /^src\/tensors\//,
  /^src\/models\/(generation|rollout|sampling|completion-cache)\.ts$/,
  /^src\/models\/(safetensors|half-precision|checkpoint)\.ts$/,
  /^src\/training\/training-state\.ts$/,
  /^src\/models\/(named-weights|recomputation|vocabulary-chunks)\.ts$/,
  /^src\/training\/(host-vectors|micro-batches|step-memory)\.ts$/,
];

/** Relative modules that `source` imports or re-exports, unless it takes only types from them. */
function valueImports(source) {
  const statements = source.matchAll(/^(?:import|export) (?!type\b)(?:([^;"]*?) from )?"(\.[^"]+)";$/gm);
  return [...statements]
    .filter(([, names]) => !/^\{\s*(type \w+( as \w+)?,?\s*)+\}$/.test(names ?? ""))
    .map(([, , module]) => module);
}

/** Lines by file, `START` first. */
export function readingSize() {
  const lines = new Map();
  const visit = (file) => {
    if (lines.has(file) || LEFT_OUT.some((pattern) => pattern.test(file))) return;
    const source = readFileSync(path.join(root, file), "utf8");
    lines.set(file, source.trimEnd().split("\n").length);
    for (const module of valueImports(source)) visit(path.posix.join(path.posix.dirname(file), module));
  };
  visit(START);
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = readingSize();
  for (const [file, count] of lines) console.log(`${String(count).padStart(5)} ${file}`);
  const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${String(total).padStart(5)} in ${lines.size} files`);
}
