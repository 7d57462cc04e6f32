import path from "node:path";
import { pythonEnvironment } from "./checks.mjs";
import { paths } from "./paths.mjs";

/**
 * The environment variables for Jupyter. Kernels of .venv take precedence, and runtime files stay in the
 * repository, so that the home folder need not be writable.
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
