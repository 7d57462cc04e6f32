import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { device } from "../tensors/backend.ts";
import { usableCores } from "./cores.ts";
import { tellUser } from "./notice.ts";
import { runStage } from "./run-stage.ts";
import type { Stage } from "./stage.ts";
import { stageThreads } from "./stage-threads.ts";
import { openStore } from "./store.ts";
import { libraryDigest } from "./submitted-code.ts";

/** Computes stages whose parents are stored, at most `size` at a time. */
export interface Pool {
  readonly size: number;
  /** `store` is the run store's folder; `onProgress` gets the fraction of the stage that is done. */
  run(store: string, stage: Stage, onProgress: (fraction: number) => void): Promise<void>;
  /** Stops what is being computed, which leaves its checkpoint, and ends when no worker is left. */
  close(): void | Promise<void>;
}

/** A pool of one that computes in this process. */
export function inlinePool(): Pool {
  let stop = new AbortController();
  return {
    size: 1,
    run: (store, stage, onProgress) => runStage(openStore(store), stage, { onProgress, signal: stop.signal }),
    close() {
      stop.abort();
      stop = new AbortController();
    },
  };
}

/**
 * A pool of `size` processes, each with one TensorFlow thread: at the laboratory's sizes two seeds side by side use two
 * cores far better than one step spread over both. Computes in this process if the package has not been built.
 */
export function processPool(size: number): Pool {
  const script = fileURLToPath(new URL("./worker.cjs", import.meta.url));
  if (!existsSync(script)) return inlinePool();
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const start = (): Worker => {
    const child = fork(script, {
      env: { ...process.env, ...stageThreads },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const worker: Worker = { child, stderr: "" };
    child.stderr?.on("data", (text) => {
      worker.stderr = `${worker.stderr}${text}`.slice(-2000);
    });
    child.on("exit", () => all.delete(worker));
    all.add(worker);
    return worker;
  };
  return {
    size,
    async run(store, stage, onProgress) {
      let worker = idle.pop();
      while (worker?.child.connected === false) worker = idle.pop();
      worker ??= start();
      await request(worker, { store, stage, code: libraryDigest() }, onProgress).finally(() => {
        if (worker.child.connected) idle.push(worker);
      });
    },
    async close() {
      const ends = [...all].map(({ child }) => new Promise((resolve) => child.once("exit", resolve)));
      for (const { child } of all) child.kill("SIGTERM");
      await Promise.all(ends);
    },
  };
}

/** What a worker process is sent: a stage to compute, the folder of the run store, and the sender's `libraryDigest`. */
export interface WorkerRequest {
  readonly store: string;
  readonly stage: Stage;
  readonly code: string;
}

/** What a worker process sends back. */
export type WorkerReply =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

interface Worker {
  readonly child: ChildProcess;
  /** The last 2,000 characters of its standard error. */
  stderr: string;
}

/**
 * The default pool of this machine: on the CPU as many workers as cores that this process may use, at most eight; on a GPU two, which share it.
 * `ALLROADS_WORKERS` overrides. Throws if that is not a whole number above 0.
 */
export function defaultPool(): Pool {
  const wanted = process.env.ALLROADS_WORKERS;
  if (wanted === undefined) return processPool(device().kind === "cuda" ? 2 : Math.min(8, usableCores()));
  if (!/^[1-9]\d*$/.test(wanted)) {
    throw new Error(`ALLROADS_WORKERS must be a whole number of processes above 0, not "${wanted}".`);
  }
  return processPool(Number(wanted));
}

function request(
  worker: Worker,
  message: WorkerRequest,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const { child } = worker;
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.off("error", settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMessage = (reply: WorkerReply) => {
      if (reply.kind === "progress") onProgress(reply.fraction);
      else if (reply.kind === "notice") tellUser(reply.text);
      else settle(reply.kind === "failed" ? new Error(reply.message) : undefined);
    };
    const onExit = (code: number | null, signal: string | null) => {
      const last = worker.stderr.trim().split("\n").at(-1);
      const reason = signal ?? [`exit ${code}`, ...(last ? [last] : [])].join(": ");
      const { kind, setting } = message.stage;
      settle(
        new Error(
          `The worker computing ${kind} of seed ${setting.seed} ended early (${reason}): run the same command ` +
            "again to continue; if memory ran out, set ALLROADS_WORKERS=1.",
        ),
      );
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.on("error", settle);
    child.send(message);
  });
}
