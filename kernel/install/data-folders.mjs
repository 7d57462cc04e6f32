import os from "node:os";
import path from "node:path";

/** The functions for paths of a platform. */
const pathsOf = (platform) => (platform === "win32" ? path.win32 : path.posix);

/** The user's Jupyter data folder, found as jupyter_core finds it. */
export function userDataFolder(env = process.env, platform = process.platform, home = os.homedir()) {
  const { join } = pathsOf(platform);
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA || join(home, "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
}

/** The Jupyter data folder of a Python environment. */
export const prefixDataFolder = (prefix, platform = process.platform) =>
  pathsOf(platform).join(prefix, "share", "jupyter");

/** The Jupyter data folders of all users. */
function systemDataFolders(env, platform) {
  if (platform === "win32") return env.PROGRAMDATA ? [path.win32.join(env.PROGRAMDATA, "jupyter")] : [];
  return ["/usr/local/share/jupyter", "/usr/share/jupyter"];
}

/**
 * The Jupyter data folders in which Jupyter looks for kernels, in its order.
 *
 * @param {string | undefined} prefix the Python environment
 */
export function dataFolders(prefix, env = process.env, platform = process.platform, home = os.homedir()) {
  const named = (env.JUPYTER_PATH ?? "").split(pathsOf(platform).delimiter).filter(Boolean);
  const environment = prefix ? [prefixDataFolder(prefix, platform)] : [];
  const all = [
    ...named,
    userDataFolder(env, platform, home),
    ...environment,
    ...systemDataFolders(env, platform),
  ];
  return [...new Set(all)];
}

/** The folder of a kernelspec in a Jupyter data folder. */
export const kernelFolder = (data, name) => path.join(data, "kernels", name);
