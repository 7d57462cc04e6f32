import { binding } from "./binding.mjs";
import { build } from "./build.mjs";
import { chooseDevice } from "./device.mjs";
import { kernelspecs } from "./kernelspecs.mjs";
import { log } from "./log.mjs";
import { packages } from "./packages.mjs";
import { paths } from "./paths.mjs";
import { installer } from "./pip.mjs";
import { jupyter } from "./python.mjs";
import { setUpIn } from "./run-setup.mjs";
import { cuda, tensorflow, verifyLibraries } from "./tensorflow.mjs";

/** @type {import("./steps.mjs").Step[]} */
const STEPS = [packages, installer, tensorflow, cuda, jupyter, binding, kernelspecs, build];

/**
 * Runs the steps of this repository's set-up whose result is missing, as `setUpIn` says.
 *
 * @param {import("./steps.mjs").Step[]} more additional steps for this command
 * @param {import("./steps.mjs").Step[]} steps the other steps
 * @throws {import("./failure.mjs").Failure} if a step fails, or other users can change what set-up installs
 */
export const setUp = (more = [], steps = STEPS) => setUpIn(paths, [...steps, ...more]);

/** Checks the installed libraries of TensorFlow and CUDA against what was unpacked, and logs the number of files. */
export async function verify() {
  const count = await verifyLibraries({ paths, device: chooseDevice(), progress: () => {} });
  log(`${count} files of TensorFlow have the SHA-256 with which they were unpacked.`);
}
