import path from "node:path";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { readJson, writeAtomically } from "../../../kernel/setup/files.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { pip } from "../../../kernel/setup/pip.mjs";
import { runLogged } from "../../../kernel/setup/shell.mjs";
import { benchPaths } from "../bench-environment.mjs";

/** The version to measure. PyPI has a package with the program. */
export const DENO = "2.9.8";

const folder = path.join(benchPaths.bench, "deno");
const program = path.join(folder, "bin", "deno");

/** The Jupyter data folder with Deno's kernelspec. */
export const denoData = path.join(folder, ".local", "share", "jupyter");

/** Whether this version and its kernelspec, which contains the program's absolute path, are installed. */
const isInstalled = () =>
  readJson(path.join(folder, "version.json")) === DENO &&
  readJson(path.join(denoData, "kernels", "deno", "kernel.json"))?.argv?.[0] === program;

/**
 * Installs Deno and its kernelspec if necessary.
 *
 * @returns {Promise<string | null>} the reason why that is not possible, or null
 */
export async function installDeno() {
  if (isInstalled()) return null;
  try {
    const requirement = `deno==${DENO}`;
    await pip("Installing Deno", ["install", "--no-deps", "--upgrade", "--target", folder, requirement], {
      paths,
    });
    // `deno jupyter --install` writes the kernelspec below the home folder.
    const { XDG_DATA_HOME, JUPYTER_DATA_DIR, ...env } = process.env;
    await runLogged("Installing Deno's kernel", program, ["jupyter", "--install", "--force"], {
      log: paths.log,
      env: { ...env, HOME: folder, DENO_NO_UPDATE_CHECK: "1" },
    });
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
  writeAtomically(path.join(folder, "version.json"), JSON.stringify(DENO));
  return isInstalled() ? null : `Deno's kernel was not installed in ${denoData}.`;
}
