import os from "node:os";
import path from "node:path";
import { helpText, readArguments } from "./headless/arguments.mjs";
import { introductionOf, TEMPLATE, writeIndex } from "./headless/index_page.mjs";
import { notebookNames, readNotebook, summaryOf } from "./headless/notebooks.mjs";
import { command } from "./setup/command.mjs";
import { jsonOf } from "./setup/files.mjs";
import { jupyterEnvironment } from "./setup/jupyter_environment.mjs";
import { calledFrom, paths } from "./setup/paths.mjs";
import { say } from "./setup/say.mjs";
import { setUp } from "./setup/setup.mjs";
import { inForeground } from "./setup/shell.mjs";

/** `npm run paper`: from whatever is there to the reports. */
await command(async (argv) => {
  const notebooks = notebookNames(paths.notebooks);
  const options = readArguments(argv, {
    notebooks,
    reports: paths.reports,
    from: calledFrom,
    cores: os.availableParallelism(),
    env: process.env,
  });
  if (options.help) {
    process.stdout.write(helpText(notebooks));
    return 0;
  }
  const items = options.notebooks.map((name) => {
    const file = path.join(paths.notebooks, `${name}.ipynb`);
    return { name, path: file, ...summaryOf(readNotebook(file), name) };
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
  const env = { ...jupyterEnvironment(), ALLROADS_FROM: calledFrom, ALLROADS_PRESET: preset };
  for (const [name, value] of Object.entries(parameters)) env[`ALLROADS_${name}`] = value;
  const settings = jsonOf(path.join(paths.root, "package.json"));
  const stopped = parameters.FROM_LEDGER ? 0 : await before(settings?.paper?.before, options, env);
  if (stopped !== 0) return stopped;
  const script = path.join(paths.root, "kernel", "headless", "execute.py");
  const code = await inForeground(paths.python, [script, JSON.stringify(plan)], {
    cwd: paths.notebooks,
    env,
  });
  if (code === 2) return 2;
  say(`Read ${writeIndex(out, introductionOf(paths.root))}`);
  return code;
});

/** Runs the program that package.json names to be run before notebooks, if any, and returns its exit status. */
async function before(program, { preset, notebooks }, env) {
  if (program === undefined) return 0;
  const [script, ...words] = program;
  const only = notebooks.flatMap((name) => ["--only", name]);
  const given = [path.join(paths.root, script), ...words, "--preset", preset, ...only];
  return inForeground(process.execPath, given, { cwd: paths.root, env });
}
