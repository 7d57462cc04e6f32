import path from "node:path";
import { jsonOf } from "./files.mjs";
import { quietly } from "./shell.mjs";

/**
 * Whether what npm installed is what the lock file asks for: every locked package is there in its version,
 * apart from the optional ones of other systems, and there is nothing more; and whether the workspaces' commands are
 * linked.
 *
 * @param {any} lock package-lock.json
 * @param {any} installed node_modules/.package-lock.json, which npm writes last
 */
export function matchesLock(lock, installed) {
  if (!lock?.packages || !installed?.packages) return false;
  const wanted = Object.entries(lock.packages).filter(([place]) => place.includes("node_modules/"));
  const found = installed.packages;
  for (const [place, entry] of wanted) {
    const there = found[place];
    if (!there) {
      if (entry.optional || entry.devOptional || entry.peer) continue;
      return false;
    }
    if (there.version !== entry.version || there.integrity !== entry.integrity) return false;
  }
  const commands = (packages) =>
    Object.entries(packages).flatMap(([place, { bin }]) =>
      place.includes("node_modules/") ? [] : [bin ?? {}],
    );
  const linked = Object.assign({}, ...commands(found));
  if (Object.keys(Object.assign({}, ...commands(lock.packages))).some((name) => !(name in linked)))
    return false;
  return Object.keys(found).every((place) => !place.includes("node_modules/") || place in lock.packages);
}

/** Installs the npm packages exactly as locked, without running their install scripts. */
export const packages = {
  name: "npm packages",
  after: [],
  /** @param {import("./steps.mjs").Context} context */
  ready: ({ paths }) =>
    matchesLock(jsonOf(paths.lockFile), jsonOf(path.join(paths.nodeModules, ".package-lock.json"))),
  space: () => 0.8,
  /** @param {import("./steps.mjs").Context} context */
  async run({ paths }) {
    const [command, ...first] = npmCommand();
    const retries = ["--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    await quietly(
      "Installing the npm packages",
      command,
      [
        ...first,
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

/** npm as this process was started by, or the one on the path. */
function npmCommand() {
  const started = process.env.npm_execpath;
  return started && path.basename(started) === "npm-cli.js" ? [process.execPath, started] : ["npm"];
}
