import { existsSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { paperCommand, readArguments } from "./headless/arguments.mjs";
import { readIntroduction, TEMPLATE, writeIndex } from "./headless/index-page.mjs";
import { notebookNames, readNotebooks } from "./headless/notebooks.mjs";
import { helpText, usageError } from "./setup/command-line.mjs";
import { readJson } from "./setup/files.mjs";
import { jupyterEnvironment } from "./setup/jupyter-environment.mjs";
import { log } from "./setup/log.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runCommand } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { runInForeground } from "./setup/shell.mjs";

/** `npm run paper`: set-up, training, notebooks and reports. */
await runCommand(async (argv) => {
  const notebooks = notebookNames(paths.notebooks);
  const options = readArguments(argv, {
    notebooks,
    reports: paths.reports,
    from: callerFolder,
    cores: os.availableParallelism(),
    env: process.env,
  });
  if (options.help) {
    process.stdout.write(helpText(paperCommand(notebooks)));
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
    metadata: { preset, kernel, parameters },
    logs: path.join(paths.cache, "kernels"),
  };
  const env = { ...jupyterEnvironment(), ALLROADS_FROM: callerFolder, ALLROADS_PRESET: preset };
  for (const [name, value] of Object.entries(parameters)) env[`ALLROADS_${name}`] = value;
  const { paper } = readJson(path.join(paths.root, "package.json")) ?? {};
  const known = kernel === "allroads" ? 0 : await runPython("kernels.py", kernel, env);
  if (known !== 0) return known;
  const names = items.map(({ name }) => name);
  const prepared =
    parameters.FROM_LEDGER || names.length === 0 ? 0 : await runBefore(paper?.before, preset, names, env);
  if (prepared !== 0) return prepared;
  const code = await runPython("execute.py", JSON.stringify(plan), env);
  if (code === 2) return 2;
  const { file, problems } = writeIndex(out, readIntroduction(paths.root));
  for (const problem of [...faults, ...problems]) log(problem);
  log(`Read ${file}`);
  return code === 0 && faults.length + problems.length > 0 ? 1 : code;
});

/** Runs a script of kernel/headless in the foreground. */
function runPython(script, argument, env) {
  const file = path.join(paths.root, "kernel", "headless", script);
  return runInForeground(paths.python, [file, argument], { cwd: paths.notebooks, env });
}

/**
 * Runs the program that package.json names as `paper.before`, if any, ahead of the notebooks.
 *
 * @returns {Promise<number>} its exit code
 */
async function runBefore(program, preset, notebooks, env) {
  if (program === undefined) return 0;
  const [script, ...words] = program;
  const only = notebooks.flatMap((name) => ["--only", name]);
  const args = [path.join(paths.root, script), ...words, "--preset", preset, ...only];
  return runInForeground(process.execPath, args, { cwd: paths.root, env });
}
