import os from "node:os";
import path from "node:path";

/** What the user's folders depend on. */
export interface UserSystem {
  platform: NodeJS.Platform;
  home: string;
}

const thisSystem = (): UserSystem => ({ platform: process.platform, home: os.homedir() });

const pathsOf = (platform: NodeJS.Platform) => (platform === "win32" ? path.win32 : path.posix);

/** The user's folder for the data of programs. */
export function dataFolder(env = process.env, { platform, home }: UserSystem = thisSystem()): string {
  const { join } = pathsOf(platform);
  if (env.XDG_DATA_HOME) return env.XDG_DATA_HOME;
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  if (platform === "darwin") return join(home, "Library", "Application Support");
  return join(home, ".local", "share");
}

/** The user's folder for what programs can compute again. */
export function cachesFolder(env = process.env, { platform, home }: UserSystem = thisSystem()): string {
  const { join, isAbsolute } = pathsOf(platform);
  const { XDG_CACHE_HOME: chosen } = env;
  if (chosen && isAbsolute(chosen)) return chosen;
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}
