import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { binding } from "./binding.mjs";
import { build } from "./build.mjs";
import { checkNode, checkPlatform, checkSpace, findCompiler, findPython } from "./checks.mjs";
import { chooseDevice } from "./device.mjs";
import { Failure } from "./failure.mjs";
import { kernelspec } from "./kernelspec.mjs";
import { withLock } from "./lock.mjs";
import { packages } from "./packages.mjs";
import { paths } from "./paths.mjs";
import { environment, jupyter } from "./python.mjs";
import { duration, say } from "./say.mjs";
import { runSteps } from "./steps.mjs";
import { cuda, tensorflow } from "./tensorflow.mjs";

/** @type {import("./steps.mjs").Step[]} */
const STEPS = [packages, environment, tensorflow, cuda, jupyter, binding, kernelspec, build];

/**
 * Makes whatever is missing. Where everything is in place it takes milliseconds, touches nothing and needs no
 * network; two at once wait for one another.
 *
 * @param {import("./steps.mjs").Step[]} more what this command needs beside what all do
 */
export async function setUp(more = []) {
  const started = performance.now();
  checkNode();
  checkPlatform();
  const context = { paths, device: chooseDevice(), progress: () => {} };
  const steps = [...STEPS, ...more];
  if (steps.every((step) => step.ready(context))) {
    say(`Set-up: everything is in place (${duration(performance.now() - started)}).`);
    return;
  }
  try {
    await withLock(paths.lock, () => makeMissing(steps, context));
  } catch (error) {
    throw foreseen(error);
  }
  say(`Set-up: done in ${duration(performance.now() - started)}.`);
}

async function makeMissing(steps, context) {
  const due = steps.filter((step) => !step.ready(context));
  if (due.length === 0) return;
  checkSpace(
    paths.root,
    due.reduce((sum, step) => sum + (step.space?.(context) ?? 0), 0.1),
  );
  if (due.includes(environment)) findPython();
  if (due.includes(binding) && binding.compiles(context)) findCompiler();
  mkdirSync(paths.cache, { recursive: true });
  rmSync(paths.scratch, { recursive: true, force: true });
  writeFileSync(paths.log, `${new Date().toISOString()} Node ${process.versions.node}, ${context.device}\n`);
  const kind = context.device === "cuda" ? "with CUDA" : "for the CPU";
  say(`Set-up ${kind}: ${due.map((step) => step.name).join(", ")}. Details go to ${paths.log}.`);
  try {
    await runSteps(steps, context);
  } finally {
    rmSync(paths.scratch, { recursive: true, force: true });
  }
}

/** Errors of the file system as sentences. */
function foreseen(error) {
  if (error instanceof Failure) return error;
  if (error.code === "ENOSPC" || error.code === "EDQUOT")
    return new Failure("The disk is full: free some space and run the same command again.");
  if (error.code === "EACCES" || error.code === "EPERM" || error.code === "EROFS")
    return new Failure(
      `${error.path ?? paths.root} cannot be written: make the folder of this repository yours (it holds all that set-up makes) and run the same command again.`,
    );
  return error;
}
