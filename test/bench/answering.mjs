import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure } from "../../kernel/setup/failure.mjs";

/**
 * @typedef {object} Answering a process that answers one request at a time
 * @property {string} name
 * @property {(request: object) => Promise<any>} ask throws a Refusal where it cannot do what it is asked, and a
 *   Failure where it has ended
 * @property {() => void} end
 */

/** What a process says that it could not do. */
export class Refusal extends Error {}

/**
 * Starts a process that reads requests as JSON lines on stdin and writes its answers as JSON lines to file
 * descriptor 3; it must end when stdin does.
 *
 * @param {string} name for messages
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Answering}
 */
export function startProcess(name, command, args, env) {
  const child = spawn(command, args, { env, stdio: ["pipe", "ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr?.on("data", (text) => {
    complaints = `${complaints}${text}`.slice(-4000);
  });
  child.stdin?.on("error", () => {}); // Its end is told by "close".
  /** @type {{ resolve: (reply: any) => void, reject: (error: Error) => void } | null} */
  let waiting = null;
  let ended = "";
  const over = (reason) => {
    const last = complaints.trim().split("\n").at(-1);
    ended = `The process of ${name} ended early (${[reason, last].filter(Boolean).join(": ")}): where memory ran out, choose smaller sizes with --only.`;
    waiting?.reject(new Failure(ended));
    waiting = null;
  };
  child.on("error", (error) => over(error.message));
  child.on("close", (code, signal) => over(signal ?? `exit ${code}`));
  const answers = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
  createInterface({ input: answers }).on("line", (line) => {
    const { failed, ...reply } = JSON.parse(line);
    const { resolve, reject } = waiting ?? { resolve() {}, reject() {} };
    waiting = null;
    if (failed === undefined) resolve(reply);
    else reject(new Refusal(failed));
  });
  return {
    name,
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(new Failure(ended));
          return;
        }
        waiting = { resolve, reject };
        child.stdin?.write(`${JSON.stringify(request)}\n`);
      }),
    end: () => child.kill("SIGKILL"),
  };
}
