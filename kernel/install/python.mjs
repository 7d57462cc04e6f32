import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The names of Python's command, the preferred one first. Windows' `python3` may be a stub that opens its store. */
export const pythonNames = (platform = process.platform) =>
  platform === "win32" ? ["python", "py", "python3"] : ["python3", "python"];

/**
 * The file that a command's name stands for on the path; undefined if there is none.
 *
 * @param {string} name
 * @param {{ env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform, exists?: (file: string) => boolean }} [system]
 */
export function commandFile(
  name,
  { env = process.env, platform = process.platform, exists = existsSync } = {},
) {
  const { delimiter, join } = platform === "win32" ? path.win32 : path.posix;
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
  const endings = platform === "win32" ? (env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD").split(";") : [""];
  const files = folders.flatMap((folder) =>
    endings.map((ending) => join(folder, name + ending.toLowerCase())),
  );
  return files.find(exists);
}

/**
 * The commands that may be the Python of a `jupyter` command: that of its first line, or on Windows, where it is a
 * program, the one in its environment.
 *
 * @param {string} jupyter the file
 * @param {NodeJS.Platform} [platform]
 * @param {(file: string) => string} [read]
 */
export function pythonsOf(jupyter, platform = process.platform, read = (file) => readFileSync(file, "utf8")) {
  if (platform === "win32") {
    const scripts = path.win32.dirname(jupyter);
    return [scripts, path.win32.dirname(scripts)].map((folder) => path.win32.join(folder, "python.exe"));
  }
  const program = /^#!\s*(\S.*?)\s*$/m.exec(read(jupyter).slice(0, 1000).split("\n")[0] ?? "")?.[1];
  return program && /python[\d.]*$/.test(program) && !/\benv\s/.test(program) ? [program] : [];
}

/** `sys.prefix` of a Python; undefined if there is no such command. */
function prefixOf(command) {
  try {
    const print = ["-c", "import sys; print(sys.prefix)"];
    return execFileSync(command, print, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/**
 * The environment of the Python that Jupyter runs on: that of the `jupyter` on the path, or else of the Python on the
 * path. Undefined if there is neither.
 */
export function jupyterPrefix() {
  const jupyter = commandFile("jupyter");
  const candidates = [...(jupyter ? pythonsOf(jupyter) : []), ...pythonNames()];
  for (const command of candidates) {
    const prefix = prefixOf(command);
    if (prefix) return prefix;
  }
  return undefined;
}
