import os from "node:os";
import path from "node:path";
import { paperCommand, readArguments } from "./headless/arguments.mjs";
import { readIntroduction, TEMPLATE, writeIndex } from "./headless/index-page.mjs";
import { notebookNames, readNotebook, summarizeNotebook } from "./headless/notebooks.mjs";
import { helpText } from "./setup/command-line.mjs";
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
  const items = options.notebooks.map((name) => {
    const file = path.join(paths.notebooks, `${name}.ipynb`);
    return { name, path: file, ...summarizeNotebook(readNotebook(file), name) };
  });
  await setUp();

  const { preset, kernel, parameters, out, jobs, timeout } = options;
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
  const prepared = parameters.FROM_LEDGER ? 0 : await runBefore(paper?.before, options, env);
  if (prepared !== 0) return prepared;
  const script = path.join(paths.root, "kernel", "headless", "execute.py");
  const code = await runInForeground(paths.python, [script, JSON.stringify(plan)], {
    cwd: paths.notebooks,
    env,
  });
  if (code === 2) return 2;
  log(`Read ${writeIndex(out, readIntroduction(paths.root))}`);
  return code;
});

/**
 * Runs the program that package.json names as `paper.before`, if any, ahead of the notebooks.
 *
 * @returns {Promise<number>} its exit code
 */
async function runBefore(program, { preset, notebooks }, env) {
  if (program === undefined) return 0;
  const [script, ...words] = program;
  const only = notebooks.flatMap((name) => ["--only", name]);
  const args = [path.join(paths.root, script), ...words, "--preset", preset, ...only];
  return runInForeground(process.execPath, args, { cwd: paths.root, env });
}
