import os from "node:os";
import path from "node:path";

/** Where Jupyter looks for what the user has installed. */
export function userData(env = process.env, platform = process.platform) {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = os.homedir();
  if (platform === "darwin") return path.join(home, "Library", "Jupyter");
  if (platform === "win32") return path.join(env.APPDATA ?? home, "jupyter");
  return path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "jupyter");
}

/** The data folder of a Python environment. */
export const prefixData = (prefix) => path.join(prefix, "share", "jupyter");

/** The data folder that the options of the command ask for: the user's unless they say otherwise. */
export function dataFolder({ prefix, sysPrefix }, { env = process.env, python }) {
  if (prefix) return prefixData(path.resolve(prefix));
  return sysPrefix ? prefixData(python()) : userData(env);
}

/** The folder of a kernel below a data folder. */
export const kernelFolder = (data, name) => path.join(data, "kernels", name);
