import path from "node:path";
import { pythonEnvironment } from "./checks.mjs";
import { paths } from "./paths.mjs";

/**
 * The environment for everything of Jupyter: kernels of .venv come first, and what Jupyter leaves behind while
 * it runs stays in this repository, so that an unwritable home folder does no harm.
 */
export function jupyterEnvironment(env = process.env) {
  return {
    ...pythonEnvironment(env),
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: path.join(paths.venv, "share", "jupyter"),
    JUPYTER_RUNTIME_DIR: path.join(paths.cache, "jupyter-runtime"),
    JUPYTER_PLATFORM_DIRS: "1",
    PATH: `${path.dirname(paths.python)}:${env.PATH ?? ""}`,
    VIRTUAL_ENV: paths.venv,
  };
}
