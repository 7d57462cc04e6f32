import { Failure } from "./failure.mjs";
import { unlock } from "./lock.mjs";
import { paths } from "./paths.mjs";
import { clearStatus } from "./say.mjs";
import { endAll } from "./shell.mjs";

/**
 * Runs one of the user's commands: its result is the exit code, a Failure becomes its one sentence, and
 * Ctrl-C ends whatever was started and gives the lock back.
 *
 * @param {(argv: string[]) => Promise<number | void>} main
 */
export async function command(main) {
  const stop = (signal, code) => {
    if (process.listenerCount(signal) > 1) return; // Something in the foreground sees to it.
    clearStatus();
    endAll();
    unlock(paths.lock);
    process.stderr.write("Stopped. Running the same command again continues.\n");
    process.exit(code);
  };
  process.on("SIGINT", () => stop("SIGINT", 130));
  process.on("SIGTERM", () => stop("SIGTERM", 143));
  process.on("SIGHUP", () => stop("SIGHUP", 129));
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    clearStatus();
    endAll();
    process.stderr.write(`${error instanceof Failure ? error.message : (error?.stack ?? error)}\n`);
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
  }
}
