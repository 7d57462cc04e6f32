import { spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { explainFailure, Failure } from "./failure.mjs";
import { killGroup, recordGroup } from "./processes.mjs";

/** The running commands, each the leader of its own process group. */
const running = new Set();

/** Kills every running command and the processes it has started. */
export function killAll() {
  for (const child of running) killGroup(child.pid);
}

/** The folder in which the running commands are recorded, next to their log file. */
export const runningFolder = (log) => path.join(path.dirname(log), "running");

/** The Failure of a command, with the end of its output. */
export class CommandFailure extends Failure {
  /** @param {string} message @param {string} output */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs a command and appends its output to a log file.
 *
 * @param {string} what the task, for error messages: "Installing the npm packages"
 * @param {string} command
 * @param {string[]} args
 * @param {{ log: string, cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} the last 64 KiB of its output
 * @throws {CommandFailure} if it fails
 */
export function runLogged(what, command, args, { log, cwd, env = process.env }) {
  return new Promise((resolve, reject) => {
    const file = createWriteStream(log, { flags: "a" });
    file.on("error", () => {}); // If the disk is full, the command's own error is more useful.
    const written = new Promise((resolve) => file.on("close", () => resolve(undefined)));
    file.write(`\n$ ${[command, ...args].join(" ")}\n`);
    let tail = "";
    const append = (chunk) => {
      file.write(chunk);
      tail = (tail + chunk).slice(-65536);
    };
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    const forget = child.pid === undefined ? () => {} : recordGroup(runningFolder(log), child.pid);
    child.stdout.on("data", append);
    child.stderr.on("data", append);
    child.on("error", (error) => append(`error: ${error.message}\n`));
    child.on("close", async (code) => {
      running.delete(child);
      forget();
      file.end();
      await written;
      if (code === 0) resolve(tail);
      else reject(new CommandFailure(explainFailure(what, tail, log), tail));
    });
  });
}

/**
 * Writes all changes on the file system of a folder to the disk, so that a record of them can follow.
 *
 * @param {string} folder
 * @param {string} log the log file
 */
export const syncFiles = (folder, log) => runLogged(`Storing ${folder}`, "sync", ["-f", folder], { log });

/**
 * Runs a command that uses this process's terminal, and waits for it. The terminal sends Ctrl-C to the command
 * itself; SIGTERM and SIGHUP are forwarded, and SIGINT where there is no terminal.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<number>} its exit code, or 128 + the signal number if a signal ended it
 */
export function runInForeground(command, args, { cwd, env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: quiet ? ["inherit", "ignore", "inherit"] : "inherit",
    });
    const forward = (signal) => child.kill(signal);
    const interrupt = process.stdin.isTTY ? () => {} : forward;
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", forward);
    process.on("SIGHUP", forward);
    const removeHandlers = () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", forward);
      process.off("SIGHUP", forward);
    };
    child.on("error", (error) => {
      removeHandlers();
      reject(new Failure(`${command} cannot be started (${error.message}): run npm run setup.`));
    });
    child.on("exit", (code, signal) => {
      removeHandlers();
      resolve(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 0));
    });
  });
}

/** The output of a short command, or null if it is missing or fails. */
export function commandOutput(command, args, env = process.env) {
  const result = spawnSync(command, args, { env, encoding: "utf8", timeout: 30_000 });
  return result.status === 0 ? result.stdout : null;
}
