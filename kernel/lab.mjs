import { command } from "./setup/command.mjs";
import { jupyterEnvironment } from "./setup/jupyter_environment.mjs";
import { calledFrom, paths } from "./setup/paths.mjs";
import { setUp } from "./setup/setup.mjs";
import { inForeground } from "./setup/shell.mjs";

/** `npm run lab`: JupyterLab on the notebooks; what follows `--` goes to JupyterLab. */
await command(async (argv) => {
  await setUp();
  const env = { ALLROADS_PRESET: "laptop", ...jupyterEnvironment(), ALLROADS_FROM: calledFrom };
  const settings = ["--notebook-dir", paths.notebooks, "--MultiKernelManager.default_kernel_name=allroads"];
  return inForeground(paths.python, ["-m", "jupyterlab", ...settings, ...argv], { cwd: paths.root, env });
});
