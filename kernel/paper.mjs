import { existsSync, readdirSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PRESETS, paperCommand, readArguments } from "./headless/arguments.mjs";
import { readIntroduction, TEMPLATE, writeIndex } from "./headless/index-page.mjs";
import { notebookNames, readNotebooks } from "./headless/notebooks.mjs";
import { helpText, usageError } from "./setup/command-line.mjs";
import { readJson } from "./setup/files.mjs";
import { jupyterEnvironment } from "./setup/jupyter-environment.mjs";
import { log } from "./setup/log.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runCommand } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { commandOutput, runInForeground } from "./setup/shell.mjs";

/**
 * What package.json says of the paper. Programs are a script of this repository with its first arguments.
 *
 * @typedef {object} Paper
 * @property {{ preset: string, folder: string }} [committed] the preset whose results are committed, and where
 * @property {string[]} [train] trains what the notebooks show, ahead of them; gets --preset and --only
 * @property {string[]} [check] computes some of the committed results again, and fails if they come out otherwise
 * @property {{ notebook: string, folder: string, parameter: string }} [presets] presets that only one notebook has: YAML
 *   files in a folder
 * @property {Record<string, string>} [banners] what stands on top of every page, by preset
 */

/** `npm run paper`: set-up, training, notebooks and reports. */
await runCommand(async (argv) => {
  const notebooks = notebookNames(paths.notebooks);
  /** @type {Paper} */
  const paper = readJson(path.join(paths.root, "package.json"))?.paper ?? {};
  const own = ownPresets(paper.presets);
  const options = readArguments(argv, {
    notebooks,
    reports: paths.reports,
    from: callerFolder,
    cores: os.availableParallelism(),
    committed: paper.committed?.preset,
    own,
    env: process.env,
  });
  if (options.help) {
    process.stdout.write(helpText(paperCommand(notebooks, own)));
    return 0;
  }
  const { preset, kernel, parameters, out, jobs, timeout } = options;
  if (existsSync(out) && !statSync(out).isDirectory())
    throw usageError(`--out ${out} is a file: give the folder of the reports.`);
  const { items, faults } = readNotebooks(paths.notebooks, options.notebooks);
  for (const fault of faults) log(fault);
  await setUp();

  const plan = {
    notebooks: items,
    folder: paths.notebooks,
    out,
    kernel,
    jobs,
    timeout,
    template: TEMPLATE,
    metadata: {
      preset,
      kernel,
      parameters,
      banner: paper.banners?.[preset] ?? null,
      committed: options.results === "read" && paper.committed ? commitOf(paper.committed.folder) : null,
    },
    logs: path.join(paths.cache, "kernels"),
    beside: options.check && paper.check ? program(paper.check) : null,
  };
  const env = { ...jupyterEnvironment(), ALLROADS_FROM: callerFolder, ALLROADS_PRESET: preset };
  for (const [name, value] of Object.entries(parameters)) env[`ALLROADS_${name}`] = value;
  const known = kernel === "allroads" ? 0 : await runPython("kernels.py", kernel, env);
  if (known !== 0) return known;
  const names = items.map(({ name }) => name);
  const prepared =
    options.results === "read" || names.length === 0 || !paper.train
      ? 0
      : await runTraining(paper.train, preset, names, env);
  if (prepared !== 0) return prepared;
  const code = await runPython("execute.py", JSON.stringify(plan), env);
  if (code === 2) return 2;
  const { file, problems } = writeIndex(out, readIntroduction(paths.root));
  for (const problem of [...faults, ...problems]) log(problem);
  log(`Read ${file}`);
  return code === 0 && faults.length + problems.length > 0 ? 1 : code;
});

/** @param {Paper["presets"]} presets */
function ownPresets(presets) {
  if (presets === undefined) return undefined;
  const files = readdirSync(path.join(paths.root, presets.folder)).filter((file) => file.endsWith(".yaml"));
  const names = files.map((file) => path.basename(file, ".yaml")).sort();
  return { ...presets, names: names.filter((name) => !PRESETS.includes(name)) };
}

/** Runs a script of kernel/headless in the foreground. */
function runPython(script, argument, env) {
  const file = path.join(paths.root, "kernel", "headless", script);
  return runInForeground(paths.python, [file, argument], { cwd: paths.notebooks, env });
}

/** The command line of a program that package.json names. @param {string[]} words */
function program([script = "", ...words]) {
  return [process.execPath, path.join(paths.root, script), ...words];
}

/**
 * Runs the program that trains what notebooks show.
 *
 * @returns {Promise<number>} its exit code
 */
function runTraining(words, preset, notebooks, env) {
  const only = notebooks.flatMap((name) => ["--only", name]);
  const [command, ...args] = [...program(words), "--preset", preset, ...only];
  return runInForeground(command, args, { cwd: paths.root, env });
}

/**
 * The last commit of a folder of this repository: its day and its short name. Null if that cannot be told, or the folder
 * is not as it was committed.
 */
function commitOf(folder) {
  const git = (...words) => commandOutput("git", ["-C", paths.root, ...words, "--", folder]);
  if (git("status", "--porcelain") !== "") return null;
  const [date, name] = (git("log", "-1", "--format=%cs %h") ?? "").trim().split(" ");
  return date && name ? { date, name } : null;
}
