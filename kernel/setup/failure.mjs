import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { visibleText } from "../display/visible.mjs";

/**
 * An error that is shown to the user without a stack. Its message says what is wrong and what to do.
 * The exit code is 2 for a mistake on the command line and 1 for everything else.
 */
export class Failure extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/**
 * What a command prints of the error that ended it: a Failure's message; for an error of the system, such as a folder
 * that cannot be written, one sentence; for any other error, which is one of the program, its stack and what to do.
 *
 * @param {any} error
 * @param {string} program what has the error, for example "Allroads"
 */
export function errorText(error, program = "Allroads") {
  if (error instanceof Failure) return visibleText(error.message);
  if (error instanceof Error && /^E[A-Z0-9]+$/.test(/** @type {any} */ (error).code ?? ""))
    return visibleText(`The system refused what the command needs: ${error.message}.`);
  return visibleText(
    `This is an error in ${program}, not in how you called it. Please report it where you got ${program}, with the command and these lines:\n${error?.stack ?? error}`,
  );
}

const NO_SPACE = /ENOSPC|No space left on device|Disk quota exceeded/i;
const NO_NETWORK = new RegExp(
  [
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT",
    "Failed to establish a new connection|NewConnectionError|NameResolutionError|name resolution",
    "Network is unreachable|Connection refused|ConnectTimeout|Read timed out|ReadTimeout|ProxyError",
    "Cannot connect to proxy|network request to .* failed",
  ].join("|"),
  "i",
);

const WRONG_CHECKSUM = /EINTEGRITY/;

/**
 * The message for a set-up command that failed.
 *
 * @param {string} what the task, for example "Installing the npm packages"
 * @param {string} output the end of the command's output
 * @param {string} log the path of the file with the whole output
 */
export function explainFailure(what, output, log) {
  if (NO_SPACE.test(output))
    return `${what} failed: the disk is full. Free some space and run the same command again.`;
  if (NO_NETWORK.test(output))
    return `${what} failed: the package index cannot be reached. Check the network or the proxy settings, then run the same command again to continue.`;
  if (WRONG_CHECKSUM.test(output))
    return `${what} failed: a downloaded package does not have the checksum in package-lock.json, so it was refused; check the network, and the package index that npm is configured to use, then run the same command again.`;
  const last = lastErrorLine(output);
  return `${what} failed${last ? ` (${last})` : ""}: see ${log}, then run the same command again.`;
}

/** The last line that contains "error", or else the last line. */
function lastErrorLine(output) {
  const lines = stripVTControlCharacters(output)
    .replaceAll(/[^\P{C}\n]/gu, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !/complete log of this run|^notice|^warning/i.test(line));
  const line = lines.findLast((text) => /error/i.test(text)) ?? lines.at(-1) ?? "";
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}

/**
 * A file system error as a Failure that says what to do. Other errors are returned as they are.
 *
 * @param {any} error
 * @param {string} root the repository
 */
export function explainFileError(error, root) {
  const { code, path: file = root, message } = error ?? {};
  if (error instanceof Failure || typeof code !== "string" || !error.syscall) return error;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG")
    return new Failure("The disk is full: free some space, then run the same command again.");
  const denied = code === "EACCES" || code === "EPERM" || code === "EROFS";
  if (denied && !path.relative(root, file).startsWith(".."))
    return new Failure(
      `${file} cannot be written: set-up writes into the repository's folder, so make that folder writable, then run the same command again.`,
    );
  return new Failure(
    `${file} cannot be used (${message}): check this path, then run the same command again.`,
  );
}
