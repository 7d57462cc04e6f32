import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure } from "../../kernel/setup/failure.mjs";

/**
 * @typedef {object} JsonWorker a child process that answers one request at a time
 * @property {string} name
 * @property {(request: object) => Promise<any>} request rejects with a WorkerError if the worker reports an error,
 *   and with a Failure if it has ended
 * @property {() => void} kill
 */

/** An error that a worker reports about a request. */
export class WorkerError extends Error {}

/**
 * Starts a worker: a process that reads requests as JSON lines from stdin and writes one reply per request as a JSON
 * line to file descriptor 3. It must end when stdin is closed.
 *
 * @param {string} name for messages
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {JsonWorker}
 */
export function startWorker(name, command, args, env) {
  const child = spawn(command, args, { env, stdio: ["pipe", "ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr = `${stderr}${text}`.slice(-4000);
  });
  child.stdin?.on("error", () => {}); // The "close" event reports that the process has ended.
  /** @type {{ resolve: (reply: any) => void, reject: (error: Error) => void } | null} */
  let pending = null;
  let endMessage = "";
  const onEnd = (reason) => {
    const lastLine = stderr.trim().split("\n").at(-1);
    const details = [reason, lastLine].filter(Boolean).join(": ");
    endMessage = `The ${name} process ended early (${details}). If memory ran out, choose smaller sizes with --only.`;
    pending?.reject(new Failure(endMessage));
    pending = null;
  };
  child.on("error", (error) => onEnd(error.message));
  child.on("close", (code, signal) => onEnd(signal ?? `exit ${code}`));
  const replies = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
  createInterface({ input: replies }).on("line", (line) => {
    const { failed, ...reply } = JSON.parse(line);
    const { resolve, reject } = pending ?? { resolve() {}, reject() {} };
    pending = null;
    if (failed === undefined) resolve(reply);
    else reject(new WorkerError(failed));
  });
  return {
    name,
    request: (request) =>
      new Promise((resolve, reject) => {
        if (endMessage) {
          reject(new Failure(endMessage));
          return;
        }
        pending = { resolve, reject };
        child.stdin?.write(`${JSON.stringify(request)}\n`);
      }),
    kill: () => child.kill("SIGKILL"),
  };
}

/**
 * Sends a request to a worker and returns its reply.
 *
 * @param {JsonWorker} worker
 * @param {object} request
 * @throws {Failure} if the worker reports an error or has ended
 */
export async function requestOrFail(worker, request) {
  try {
    return await worker.request(request);
  } catch (error) {
    if (error instanceof WorkerError)
      throw new Failure(`The ${worker.name} process failed: ${withFullStop(error.message)}`);
    throw error;
  }
}

/** A message that ends in exactly one full stop. */
export const withFullStop = (message) => `${message.replace(/\.$/, "")}.`;
