import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { formatDuration } from "../display/duration.mjs";
import { binding } from "./binding.mjs";
import { build } from "./build.mjs";
import { checkNode, checkPlatform, checkSpace, findCompiler, findPython } from "./checks.mjs";
import { chooseDevice } from "./device.mjs";
import { Failure } from "./failure.mjs";
import { kernelspecs } from "./kernelspecs.mjs";
import { withLock } from "./lock.mjs";
import { log } from "./log.mjs";
import { packages } from "./packages.mjs";
import { paths } from "./paths.mjs";
import { jupyter, virtualEnvironment } from "./python.mjs";
import { runSteps } from "./steps.mjs";
import { cuda, tensorflow } from "./tensorflow.mjs";

/** @type {import("./steps.mjs").Step[]} */
const STEPS = [packages, virtualEnvironment, tensorflow, cuda, jupyter, binding, kernelspecs, build];

/**
 * Runs the set-up steps whose result is missing. If nothing is missing it takes milliseconds, writes nothing and needs
 * no network. Only one process at a time runs steps; others wait.
 *
 * @param {import("./steps.mjs").Step[]} more additional steps for this command
 * @throws {Failure} if a step fails
 */
export async function setUp(more = []) {
  const started = performance.now();
  checkNode();
  checkPlatform();
  const context = { paths, device: chooseDevice(), progress: () => {} };
  const steps = [...STEPS, ...more];
  if (steps.every((step) => step.ready(context))) {
    log(`Set-up: everything is in place (${formatDuration(performance.now() - started)}).`);
    return;
  }
  try {
    await withLock(paths.lock, () => runMissing(steps, context));
  } catch (error) {
    throw explainFileError(error);
  }
  log(`Set-up: done in ${formatDuration(performance.now() - started)}.`);
}

async function runMissing(steps, context) {
  const due = steps.filter((step) => !step.ready(context));
  if (due.length === 0) return;
  checkSpace(
    paths.root,
    due.reduce((sum, step) => sum + (step.space?.(context) ?? 0), 0.1),
  );
  if (due.includes(virtualEnvironment)) findPython();
  if (due.includes(binding) && binding.needsCompiler(context)) findCompiler();
  mkdirSync(paths.cache, { recursive: true });
  rmSync(paths.scratch, { recursive: true, force: true });
  writeFileSync(paths.log, `${new Date().toISOString()} Node ${process.versions.node}, ${context.device}\n`);
  const kind = context.device === "cuda" ? "with CUDA" : "for the CPU";
  log(`Set-up ${kind}: ${due.map((step) => step.name).join(", ")}. Details go to ${paths.log}.`);
  try {
    await runSteps(steps, context);
  } finally {
    rmSync(paths.scratch, { recursive: true, force: true });
  }
}

/** Turns common file system errors into a Failure that says what to do. */
function explainFileError(error) {
  if (error instanceof Failure) return error;
  if (error.code === "ENOSPC" || error.code === "EDQUOT")
    return new Failure("The disk is full: free some space, then run the same command again.");
  if (error.code === "EACCES" || error.code === "EPERM" || error.code === "EROFS")
    return new Failure(
      `${error.path ?? paths.root} cannot be written: set-up writes into the repository's folder, so make that folder writable, then run the same command again.`,
    );
  return error;
}
