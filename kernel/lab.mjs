import path from "node:path";
import { updateWelcome } from "./lab/welcome.mjs";
import { prepareWorkspace } from "./lab/workspace.mjs";
import { jupyterEnvironment } from "./setup/jupyter-environment.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { runInForeground } from "./setup/shell.mjs";

/** `npm run lab`: JupyterLab on the repository. */
const LAB = {
  name: "npm run lab --",
  about: "Sets up what is missing and opens the notebooks in JupyterLab.",
  options: {},
  passedTo: "JupyterLab",
  passed: ["port", "ip", "no-browser"],
  notes: 'All other options are passed to JupyterLab: see ".venv/bin/jupyter lab --help".',
};

/** What JupyterLab's file browser does not list: installed packages, and what is built or compiled. */
const HIDDEN = ["node_modules", "dist", "__pycache__", "*.pyc", "*~"];

await runProgram(LAB, async (_, argv) => {
  await setUp();
  const env = { ALLROADS_PRESET: "laptop", ...jupyterEnvironment(), ALLROADS_FROM: callerFolder };
  const workspaces = process.env.JUPYTERLAB_WORKSPACES_DIR ?? path.join(paths.cache, "lab-workspaces");
  if (updateWelcome(paths.notebooks)) prepareWorkspace(workspaces, "notebooks/README.md");
  const settings = [
    `--ServerApp.root_dir=${paths.root}`,
    `--LabApp.workspaces_dir=${workspaces}`,
    `--LabApp.app_settings_dir=${path.join(paths.root, "kernel", "lab", "settings")}`,
    "--LabApp.news_url=None",
    // Otherwise a line lists every language server that is not installed.
    "--LanguageServerManager.autodetect=False",
    ...HIDDEN.map((name) => `--ContentsManager.hide_globs=${name}`),
    "--MultiKernelManager.default_kernel_name=allroads",
  ];
  return runInForeground(paths.python, ["-m", "jupyterlab", ...settings, ...argv], { cwd: paths.root, env });
});
