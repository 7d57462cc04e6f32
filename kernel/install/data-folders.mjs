import os from "node:os";
import path from "node:path";

/** The user's Jupyter data folder, found as jupyter_core finds it. */
export function userDataFolder(env = process.env, platform = process.platform) {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = os.homedir();
  if (platform === "darwin") return path.join(home, "Library", "Jupyter");
  if (platform === "win32") return path.join(env.APPDATA ?? home, "jupyter");
  return path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "jupyter");
}

/** The Jupyter data folder of a Python environment. */
export const prefixDataFolder = (prefix) => path.join(prefix, "share", "jupyter");

/** The folder of a kernelspec in a Jupyter data folder. */
export const kernelFolder = (data, name) => path.join(data, "kernels", name);
