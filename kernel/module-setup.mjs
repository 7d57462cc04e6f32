import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { binding } from "./setup/binding.mjs";
import { usageError } from "./setup/command-line.mjs";
import { chooseDevice } from "./setup/device.mjs";
import { pathsBelow } from "./setup/paths.mjs";
import { installer } from "./setup/pip.mjs";
import { runCommand } from "./setup/run-command.mjs";
import { setUpIn } from "./setup/run-setup.mjs";
import { cuda, LIBRARIES, tensorflow } from "./setup/tensorflow.mjs";

/*
 * `npx allroads setup` in a project that has installed the package allroads, of which this becomes a file: finds or
 * installs TensorFlow's library and compiles the binding to it. The library is kept in the user's cache, for all projects.
 */

const require = createRequire(import.meta.url);

/** The folder of a package that allroads depends on. */
const packageFolder = (name) => path.dirname(require.resolve(`${name}/package.json`));

/** The user's cache, or the folder that ALLROADS_CACHE names. */
function cacheFolder(env = process.env) {
  if (env.ALLROADS_CACHE) return path.resolve(env.ALLROADS_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "allroads");
}

/** The paths of set-up in the installed package. */
function modulePaths() {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const cache = cacheFolder();
  return {
    ...pathsBelow(path.dirname(here)),
    cache,
    log: path.join(cache, "setup.log"),
    lock: path.join(cache, "setup.lock"),
    scratch: path.join(cache, "scratch"),
    installer: path.join(cache, "pip"),
    nodeModules: path.dirname(packageFolder("node-api-headers")),
    tfjs: packageFolder("@tensorflow/tfjs-node-gpu"),
    tensorflowWheels: path.join(here, "tensorflow.txt"),
  };
}

/** The folder that --library names. @throws {Failure} if it has no library or no headers of TensorFlow */
function libraryNamed(name) {
  const folder = path.resolve(name);
  const missing = [...LIBRARIES, "include/tensorflow/c/c_api.h"].find(
    (file) => !existsSync(path.join(folder, file)),
  );
  if (missing === undefined) return folder;
  throw usageError(
    `--library ${folder} has no ${missing}: name the folder tensorflow of a Python environment's packages.`,
  );
}

/** The steps of set-up; pip is needed only to install TensorFlow. */
const STEPS = [installer, tensorflow, cuda, binding];

/** Runs the command. @param {string} [named] the folder of TensorFlow's library, if the user names one */
export function setUpModule(named) {
  const paths = modulePaths();
  return runCommand(async () => {
    const library = named === undefined ? undefined : libraryNamed(named);
    const isThere = tensorflow.ready({ paths, device: chooseDevice(), progress: () => {}, library });
    await setUpIn(paths, isThere ? STEPS.filter((step) => step !== installer) : STEPS, { library });
  }, paths);
}
