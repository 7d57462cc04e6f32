import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { explainFileError, Failure } from "./failure.mjs";
import { unlock } from "./lock.mjs";
import { clearStatus } from "./log.mjs";
import { paths } from "./paths.mjs";
import { killAll } from "./shell.mjs";

/**
 * Runs the main function of a command and sets the exit code. A Failure is printed as its message alone; the stack of
 * any other error goes to a file that the message names. Ctrl-C kills the child processes and releases the set-up lock.
 *
 * @param {(argv: string[]) => Promise<number | void>} main returns the exit code, default 0
 */
export async function runCommand(main) {
  const stop = (signal, code) => {
    if (process.listenerCount(signal) > 1) return; // A child process in the foreground handles it.
    clearStatus();
    killAll();
    unlock(paths.lock);
    process.stderr.write("Stopped. Run the same command again to continue.\n");
    process.exit(code);
  };
  process.on("SIGINT", () => stop("SIGINT", 130));
  process.on("SIGTERM", () => stop("SIGTERM", 143));
  process.on("SIGHUP", () => stop("SIGHUP", 129));
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    clearStatus();
    killAll();
    const failure = asFailure(error);
    process.stderr.write(`${failure.message}\n`);
    process.exitCode = failure.exitCode;
  }
}

/** An error as a Failure. The stack of one that nobody expected is written to a file in the cache. @returns {Failure} */
function asFailure(error) {
  const explained = explainFileError(error, paths.root);
  if (explained instanceof Failure) return explained;
  const file = path.join(paths.cache, "error.log");
  const stack = String(error?.stack ?? error);
  try {
    mkdirSync(paths.cache, { recursive: true });
    writeFileSync(file, `${stack}\n`);
  } catch {
    return new Failure(stack);
  }
  const message = String(error?.message ?? error).split("\n")[0];
  return new Failure(
    `Unexpected error (${message}): this is a mistake in Allroads, and its stack is in ${file}.`,
  );
}
