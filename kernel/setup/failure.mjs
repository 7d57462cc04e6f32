/**
 * A foreseen end: one sentence for the user that says what is wrong and what to do.
 * Exit code 1 is for what went wrong on the machine, 2 for a command that cannot be understood.
 */
export class Failure extends Error {
  /** @param {string} sentence @param {number} [exitCode] */
  constructor(sentence, exitCode = 1) {
    super(sentence);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
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

/**
 * One sentence for a command of set-up that failed.
 *
 * @param {string} what what was being done, for example "Installing the npm packages"
 * @param {string} output what the command printed
 * @param {string} log the file that holds all of it
 */
export function explain(what, output, log) {
  if (NO_SPACE.test(output))
    return `${what} failed: the disk is full. Free some space and run the same command again.`;
  if (NO_NETWORK.test(output))
    return `${what} failed: the package index cannot be reached. Check the network or the proxy settings and run the same command again; it continues where it stopped.`;
  const last = lastTelling(output);
  return `${what} failed${last ? ` (${last})` : ""}: read ${log}, then run the same command again.`;
}

/** The last line that names an error, or the last line there is. */
function lastTelling(output) {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !/complete log of this run|^notice|^warning/i.test(line));
  const line = lines.findLast((text) => /error/i.test(text)) ?? lines.at(-1) ?? "";
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
