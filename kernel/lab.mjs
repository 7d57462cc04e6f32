import { jupyterEnvironment } from "./setup/jupyter-environment.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { runInForeground } from "./setup/shell.mjs";

/** `npm run lab`: JupyterLab on the notebooks. */
const LAB = {
  name: "npm run lab --",
  about: "Sets up what is missing and opens the notebooks in JupyterLab.",
  options: {},
  passedTo: "JupyterLab",
  passed: ["port", "ip", "no-browser"],
  notes: 'All other options are passed to JupyterLab: see ".venv/bin/jupyter lab --help".',
};

await runProgram(LAB, async (_, argv) => {
  await setUp();
  const env = { ALLROADS_PRESET: "laptop", ...jupyterEnvironment(), ALLROADS_FROM: callerFolder };
  const settings = ["--notebook-dir", paths.notebooks, "--MultiKernelManager.default_kernel_name=allroads"];
  return runInForeground(paths.python, ["-m", "jupyterlab", ...settings, ...argv], { cwd: paths.root, env });
});
