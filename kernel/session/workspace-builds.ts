import { spawn } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { isObject } from "../shared/content.ts";
import { candidateManifests, firstExisting, isPackageSpecifier, packageName } from "./specifiers.ts";

/** How a package of the workspace is built, which its package.json says under "allroads-kernel". */
export interface WorkspaceBuild {
  name: string;
  /** The package's folder. */
  folder: string;
  /** The shell command that builds it, run in its folder. */
  command: string;
  /** Files and folders that it is built from. */
  sources: string[];
  /** A file that each build writes. */
  output: string;
}

/** Whether a file is in a folder of installed packages, which are not built here. */
const isInstalled = (file: string) => /[\\/]node_modules[\\/]/.test(file);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string");

/**
 * How an imported package is built, if it is a package of the workspace, to which `node_modules` has a link, and its
 * package.json says so.
 *
 * @throws if its package.json says it in another form
 */
export function workspaceBuild(specifier: string, importingFolder: string): WorkspaceBuild | undefined {
  if (!isPackageSpecifier(specifier)) return undefined;
  const linked = firstExisting(candidateManifests(specifier, importingFolder));
  if (linked === undefined) return undefined;
  const manifest = realpathSync(linked);
  if (isInstalled(manifest)) return undefined;
  const { "allroads-kernel": given } = JSON.parse(readFileSync(manifest, "utf8"));
  if (given === undefined) return undefined;
  const { build, sources, output } = isObject(given) ? given : {};
  if (typeof build !== "string" || !isTexts(sources) || typeof output !== "string")
    throw new TypeError(
      `"allroads-kernel" in ${manifest} must be like { "build": "tsc -p .", "sources": ["src"], "output": "dist/index.js" }.`,
    );
  const folder = path.dirname(manifest);
  const at = (file: string) => path.resolve(folder, file);
  return {
    name: packageName(specifier),
    folder,
    command: build,
    sources: sources.map(at),
    output: at(output),
  };
}

/** What a package's sources look like: the one that was changed last, and a text that differs after any change. */
interface SourceState {
  newest: { file: string; time: number };
  fingerprint: string;
}

/** Looks at all sources, except in hidden folders, `node_modules` and the folder of the output. */
function sourceState({ sources, output }: WorkspaceBuild): SourceState {
  const built = path.dirname(output);
  let newest = { file: "", time: 0 };
  let [count, sum] = [0, 0];
  const visit = (file: string) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return;
    count += 1;
    sum += stat.mtimeMs;
    if (stat.mtimeMs > newest.time) newest = { file, time: stat.mtimeMs };
    if (!stat.isDirectory()) return;
    for (const name of readdirSync(file)) {
      const entry = path.join(file, name);
      if (!name.startsWith(".") && name !== "node_modules" && entry !== built) visit(entry);
    }
  };
  for (const source of sources) visit(source);
  return { newest, fingerprint: `${count} ${sum}` };
}

/** The path with the folders of commands that packages bring, as npm runs scripts. */
function commandPath(folder: string): string {
  const folders: string[] = [];
  for (let parent = folder; ; parent = path.dirname(parent)) {
    folders.push(path.join(parent, "node_modules", ".bin"));
    if (parent === path.dirname(parent)) break;
  }
  return [...folders, process.env.PATH ?? ""].join(path.delimiter);
}

/** The build of a package failed. The message has the end of what the command printed. */
export class BuildFailed extends Error {
  override name = "BuildFailed";
}

/** The number of lines of a failed build that are shown. */
const shownLines = 20;

/** Runs the command of a build. @throws {BuildFailed} */
function runBuild({ name, folder, command }: WorkspaceBuild): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: commandPath(folder) };
    const child = spawn(command, { shell: true, cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] = `${printed[stream]}${text}`.slice(-10_000);
      });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      const text = printed.stderr.trim() || printed.stdout.trim() || "It printed nothing.";
      const end = text.split("\n").slice(-shownLines).join("\n");
      const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      reject(new BuildFailed(`${name} could not be built: in ${folder}, ${command} ${how}.\n${end}`));
    });
  });
}

/** The packages of the workspace that cells import, built anew when their sources have changed. */
export interface WorkspaceBuilds {
  /**
   * Called before a cell that imports modules runs. Builds those packages, among them and those imported before, whose
   * sources have changed since they were built. Returns whether there were any.
   *
   * @throws {BuildFailed}
   */
  refresh(specifiers: readonly string[]): Promise<boolean>;
}

/** Opens the builds for cells that import from a folder. `note` shows the user a text, which may be a part of a line. */
export function openWorkspaceBuilds(folder: string, note: (text: string) => void): WorkspaceBuilds {
  /** The packages imported so far, by name, with the fingerprint of the sources when they were built or found current. */
  const fingerprints = new Map<string, string | undefined>();
  let last: Promise<unknown> = Promise.resolve();

  const buildIfStale = async (build: WorkspaceBuild): Promise<boolean> => {
    const { name, output } = build;
    const { newest, fingerprint } = sourceState(build);
    const builtAt = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
    const known = fingerprints.get(name);
    const isCurrent =
      builtAt !== undefined && (known === undefined ? newest.time <= builtAt : known === fingerprint);
    if (!isCurrent) {
      const changed = path.relative(build.folder, newest.file) || newest.file;
      note(
        `Building ${name}: ${builtAt === undefined ? "it has not been built" : `${changed} has changed`} …`,
      );
      const started = performance.now();
      try {
        await runBuild(build);
      } catch (error) {
        note(" failed\n");
        throw error;
      }
      note(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    }
    fingerprints.set(name, fingerprint);
    return !isCurrent;
  };

  const refreshNow = async (specifiers: readonly string[]): Promise<boolean> => {
    if (specifiers.length === 0) return false;
    let isAnyBuilt = false;
    for (const name of new Set([
      ...specifiers.filter(isPackageSpecifier).map(packageName),
      ...fingerprints.keys(),
    ])) {
      const build = workspaceBuild(name, folder);
      if (build && (await buildIfStale(build))) isAnyBuilt = true;
    }
    return isAnyBuilt;
  };

  return {
    refresh(specifiers) {
      const refreshed = last.then(() => refreshNow(specifiers));
      last = refreshed.catch(() => {});
      return refreshed;
    },
  };
}
