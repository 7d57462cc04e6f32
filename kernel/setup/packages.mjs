import path from "node:path";
import { readJson } from "./files.mjs";
import { runLogged } from "./shell.mjs";

/**
 * Whether the installed packages are exactly those of the lock file, apart from optional ones for other systems, and
 * the commands of the workspaces are linked.
 *
 * @param {any} lock package-lock.json
 * @param {any} installed node_modules/.package-lock.json, which npm writes at the end of an installation
 */
export function matchesLock(lock, installed) {
  if (!lock?.packages || !installed?.packages) return false;
  const wanted = Object.entries(lock.packages).filter(([folder]) => folder.includes("node_modules/"));
  const found = installed.packages;
  for (const [folder, entry] of wanted) {
    const actual = found[folder];
    if (!actual) {
      if (entry.optional || entry.devOptional || entry.peer) continue;
      return false;
    }
    if (actual.version !== entry.version || actual.integrity !== entry.integrity) return false;
  }
  const commands = (packages) =>
    Object.entries(packages).flatMap(([folder, { bin }]) =>
      folder.includes("node_modules/") ? [] : [bin ?? {}],
    );
  const linked = Object.assign({}, ...commands(found));
  if (Object.keys(Object.assign({}, ...commands(lock.packages))).some((name) => !(name in linked)))
    return false;
  return Object.keys(found).every((folder) => !folder.includes("node_modules/") || folder in lock.packages);
}

/** The npm packages of the lock file, installed without their install scripts. */
export const packages = {
  name: "npm packages",
  after: [],
  /** @param {import("./steps.mjs").Context} context */
  ready: ({ paths }) =>
    matchesLock(readJson(paths.lockFile), readJson(path.join(paths.nodeModules, ".package-lock.json"))),
  space: () => 0.8,
  /** @param {import("./steps.mjs").Context} context */
  async run({ paths }) {
    const { command, args } = npmCommand();
    const retries = ["--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    await runLogged(
      "Installing the npm packages",
      command,
      [
        ...args,
        "ci",
        "--ignore-scripts",
        "--include=dev",
        "--include=optional",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        ...retries,
      ],
      { cwd: paths.root, log: paths.log },
    );
  },
};

/** The npm that started this process, or else the one on the path. */
export function npmCommand() {
  const started = process.env.npm_execpath;
  return started && path.basename(started) === "npm-cli.js"
    ? { command: process.execPath, args: [started] }
    : { command: "npm", args: [] };
}
