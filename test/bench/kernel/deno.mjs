import path from "node:path";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { jsonOf, writeAtomically } from "../../../kernel/setup/files.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { pip } from "../../../kernel/setup/python.mjs";
import { quietly } from "../../../kernel/setup/shell.mjs";
import { places } from "../environment.mjs";

/** The version that is measured: a package of Python's index that holds the program. */
export const DENO = "2.9.8";

const folder = path.join(places.bench, "deno");
const program = path.join(folder, "bin", "deno");

/** Where Jupyter finds Deno's kernel. */
export const denoData = path.join(folder, ".local", "share", "jupyter");

/** `deno jupyter --install` writes below the home folder, and holds the program's absolute path. */
const isInstalled = () =>
  jsonOf(path.join(folder, "version.json")) === DENO &&
  jsonOf(path.join(denoData, "kernels", "deno", "kernel.json"))?.argv?.[0] === program;

/**
 * Gets Deno and its kernelspec where they are not there.
 *
 * @returns {Promise<string | null>} why Deno cannot be had here, or null
 */
export async function installDeno() {
  if (isInstalled()) return null;
  try {
    const requirement = `deno==${DENO}`;
    await pip("Installing Deno", ["install", "--no-deps", "--upgrade", "--target", folder, requirement], {
      paths,
    });
    const { XDG_DATA_HOME, JUPYTER_DATA_DIR, ...env } = process.env;
    await quietly("Installing Deno's kernel", program, ["jupyter", "--install", "--force"], {
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
