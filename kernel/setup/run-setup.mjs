import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { formatDuration } from "../display/duration.mjs";
import { binding } from "./binding.mjs";
import { checkNode, checkPlatform, checkSpace, findCompiler, findPython } from "./checks.mjs";
import { chooseDevice } from "./device.mjs";
import { explainFileError } from "./failure.mjs";
import { removeLeftovers, writeAtomically } from "./files.mjs";
import { withLock } from "./lock.mjs";
import { log } from "./log.mjs";
import { installer } from "./pip.mjs";
import { killOrphans } from "./processes.mjs";
import { runningFolder } from "./shell.mjs";
import { runSteps } from "./steps.mjs";
import { checkFolders } from "./trusted-folders.mjs";

/**
 * Runs the steps whose result is missing. If nothing is missing it takes milliseconds, writes nothing and needs no
 * network. Only one process at a time runs steps; others wait.
 *
 * @param {import("./paths.mjs").Paths} paths
 * @param {import("./steps.mjs").Step[]} steps
 * @param {{ library?: string }} [more] the folder of a TensorFlow library to use instead of the pinned one
 * @throws {import("./failure.mjs").Failure} if a step fails, or other users can change what set-up installs
 */
export async function setUpIn(paths, steps, more = {}) {
  const started = performance.now();
  checkNode();
  checkPlatform();
  const context = { paths, device: chooseDevice(), progress: () => {}, ...more };
  try {
    checkFolders(paths);
    if (steps.every((step) => step.ready(context))) {
      log(`Set-up: everything is in place (${formatDuration(performance.now() - started)}).`);
      return;
    }
    // What is installed can be written by this user only.
    process.umask(process.umask() | 0o022);
    await withLock(paths.lock, () => runMissing(steps, context));
  } catch (error) {
    throw explainFileError(error, paths.root);
  }
  log(`Set-up: done in ${formatDuration(performance.now() - started)}.`);
}

async function runMissing(steps, context) {
  const { paths } = context;
  killOrphans(runningFolder(paths.log));
  const due = steps.filter((step) => !step.ready(context));
  if (due.length === 0) return;
  checkSpace(
    paths.root,
    due.reduce((sum, step) => sum + (step.space?.(context) ?? 0), 0.1),
  );
  if (due.includes(installer)) findPython();
  if (due.includes(binding) && binding.needsCompiler(context)) findCompiler();
  mkdirSync(paths.cache, { recursive: true });
  rmSync(paths.scratch, { recursive: true, force: true });
  removeLeftovers(paths.cache, [""]);
  removeLeftovers(paths.root, [path.basename(paths.venv)]);
  writeAtomically(
    paths.log,
    `${new Date().toISOString()} Node ${process.versions.node}, ${context.device}\n`,
  );
  const kind = context.device === "cuda" ? "with CUDA" : "for the CPU";
  log(`Set-up ${kind}: ${due.map((step) => step.name).join(", ")}. Details go to ${paths.log}.`);
  try {
    await runSteps(steps, context);
  } finally {
    rmSync(paths.scratch, { recursive: true, force: true });
  }
}
