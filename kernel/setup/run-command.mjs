import { helpText, parseCommandLine } from "./command-line.mjs";
import { errorText, explainFileError, Failure } from "./failure.mjs";
import { unlock } from "./lock.mjs";
import { clearStatus } from "./log.mjs";
import { paths } from "./paths.mjs";
import { killAll } from "./shell.mjs";

/**
 * Runs the main function of a command and sets the exit code. An error is printed as `errorText` says. Ctrl-C kills the
 * child processes and releases the set-up lock.
 *
 * @param {(argv: string[]) => Promise<number | void>} main returns the exit code, default 0
 * @param {{ lock: string, root: string }} places the lock that it may hold, and the folder that it writes to
 */
export async function runCommand(main, places = paths) {
  const stop = (signal, code) => {
    if (process.listenerCount(signal) > 1) return; // A child process in the foreground handles it.
    clearStatus();
    killAll();
    unlock(places.lock);
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
    const explained = explainFileError(error, places.root);
    process.stderr.write(`${errorText(explained)}\n`);
    process.exitCode = explained instanceof Failure ? explained.exitCode : 1;
  }
}

/**
 * Runs a program whose command line `parseCommandLine` reads: prints its help if that is wanted, or else runs its main
 * function as `runCommand` does.
 *
 * @param {import("./command-line.mjs").Command} command
 * @param {(values: any, argv: string[]) => Promise<number | void>} main gets the values of the options, and all arguments
 */
export const runProgram = (command, main) =>
  runCommand(async (argv) => {
    const { values } = parseCommandLine(command, argv, process.env);
    if (!values.help) return main(values, argv);
    process.stdout.write(helpText(command));
    return 0;
  });
