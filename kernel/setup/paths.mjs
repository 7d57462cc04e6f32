import path from "node:path";
import { fileURLToPath } from "node:url";

/** The paths that set-up reads and writes, below the root of a repository. */
export function pathsBelow(root) {
  const at = (...parts) => path.join(root, ...parts);
  const tfjs = at("node_modules", "@tensorflow", "tfjs-node-gpu");
  const cache = at(".allroads");
  const venv = at(".venv");
  return {
    root,
    cache,
    log: path.join(cache, "setup.log"),
    lock: path.join(cache, "setup.lock"),
    scratch: path.join(cache, "scratch"),
    nodeModules: at("node_modules"),
    lockFile: at("package-lock.json"),
    tfjs,
    installer: path.join(cache, "pip"),
    venv,
    python: path.join(venv, "bin", "python"),
    kernelspec: path.join(venv, "share", "jupyter", "kernels", "tslab", "kernel.json"),
    requirements: at("kernel", "requirements.txt"),
    tensorflowWheels: at("kernel", "tensorflow.txt"),
    papermill: at("kernel", "papermill"),
    templates: at("kernel", "templates"),
    charts: at("kernel", "dist", "charts.js"),
    notebooks: at("notebooks"),
    reports: at("reports"),
  };
}

/** @typedef {ReturnType<typeof pathsBelow>} Paths */

/** The folder in which the user called the command; npm itself changes to the repository's root. */
export const callerFolder = process.env.INIT_CWD ?? process.cwd();

/** The paths of this repository. */
export const paths = pathsBelow(path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", ".."));
