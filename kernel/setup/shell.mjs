import { spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { constants } from "node:os";
import { explain, Failure } from "./failure.mjs";

/** Commands that are running, each the leader of a process group of its own. */
const running = new Set();

/** Ends every command that is running, with all that it started. */
export function endAll() {
  for (const child of running) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

/**
 * Runs a command quietly: its output goes to the log. Throws a Failure with one sentence if it fails.
 *
 * @param {string} what what is being done, as the sentence should say it
 * @param {string} command
 * @param {string[]} args
 * @param {{ log: string, cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what it printed, the last 64 KiB of it
 */
export function quietly(what, command, args, { log, cwd, env = process.env }) {
  return new Promise((resolve, reject) => {
    const file = createWriteStream(log, { flags: "a" });
    file.on("error", () => {}); // A full disk must not hide the command's own error.
    file.write(`\n$ ${[command, ...args].join(" ")}\n`);
    let tail = "";
    const take = (chunk) => {
      file.write(chunk);
      tail = (tail + chunk).slice(-65536);
    };
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => take(`error: ${error.message}\n`));
    child.on("close", (code) => {
      running.delete(child);
      file.end();
      if (code === 0) resolve(tail);
      else reject(new Failure(explain(what, tail, log)));
    });
  });
}

/**
 * Runs a command in the foreground with the terminal as its own. Ctrl-C reaches it directly; this process
 * waits for it to finish, and hands on the other signals.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<number>} its exit code; 128 + the signal's number if a signal ended it
 */
export function inForeground(command, args, { cwd, env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: quiet ? ["inherit", "ignore", "inherit"] : "inherit",
    });
    const handOn = (signal) => child.kill(signal);
    const wait = () => {};
    process.on("SIGINT", wait);
    process.on("SIGTERM", handOn);
    process.on("SIGHUP", handOn);
    const done = () => {
      process.off("SIGINT", wait);
      process.off("SIGTERM", handOn);
      process.off("SIGHUP", handOn);
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 0));
    });
  });
}

/** What a short command prints, or null where it is missing or fails. */
export function ask(command, args, env = process.env) {
  const result = spawnSync(command, args, { env, encoding: "utf8", timeout: 30_000 });
  return result.status === 0 ? result.stdout : null;
}
