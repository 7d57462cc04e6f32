import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { device } from "../tensors/backend.ts";
import { runStage } from "./run-stage.ts";
import type { Stage } from "./stage.ts";
import type { WorkerReply, WorkerRequest } from "./worker.ts";

/** Computes stages whose parents are stored; several at once where it has several workers. */
export interface Pool {
  readonly size: number;
  run(store: string, stage: Stage, onProgress: (part: number) => void): Promise<void>;
  close(): void;
}

/** A pool in this process: one stage at a time. */
export function inlinePool(): Pool {
  let last: Promise<unknown> = Promise.resolve();
  return {
    size: 1,
    run(store, stage, onProgress) {
      const result = last.then(() => runStage(store, stage, { onProgress }));
      last = result.catch(() => undefined);
      return result;
    },
    close() {},
  };
}

/**
 * A pool of `size` processes, each with one thread of TensorFlow: at the laboratory's sizes two seeds side by
 * side use two cores far better than one step spread over both. Falls back to this process where the package
 * has not been built.
 */
export function processPool(size: number): Pool {
  const script = fileURLToPath(new URL("./worker.cjs", import.meta.url));
  if (!existsSync(script)) return inlinePool();
  const idle: ChildProcess[] = [];
  const waiting: ((child: ChildProcess) => void)[] = [];
  const children: ChildProcess[] = [];
  const start = (): ChildProcess => {
    const child = fork(script, {
      env: { ...process.env, ...oneThread },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    child.stderr?.on("data", (text) => process.env.ALLROADS_DEBUG && process.stderr.write(text));
    children.push(child);
    return child;
  };
  const acquire = (): Promise<ChildProcess> => {
    const child = idle.pop() ?? (children.length < size ? start() : undefined);
    return child === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(child);
  };
  const release = (child: ChildProcess) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(child);
    else next(child);
  };
  return {
    size,
    async run(store, stage, onProgress) {
      const child = await acquire();
      try {
        await request(child, { store, stage }, onProgress);
      } finally {
        if (child.connected) release(child);
      }
    },
    close() {
      for (const child of children) child.kill("SIGTERM");
    },
  };
}

/**
 * The pool that suits this machine: on the CPU as many workers as cores, at most eight; on a card two, which
 * share it. `ALLROADS_WORKERS` overrides. Throws where that is not a whole number above 0.
 */
export function defaultPool(): Pool {
  const wanted = process.env.ALLROADS_WORKERS;
  if (wanted === undefined)
    return processPool(device().kind === "cuda" ? 2 : Math.min(8, availableParallelism()));
  if (!/^[1-9]\d*$/.test(wanted)) {
    throw new Error(`ALLROADS_WORKERS must be a whole number of processes above 0, not "${wanted}".`);
  }
  return processPool(Number(wanted));
}

const oneThread = { TF_NUM_INTRAOP_THREADS: "1", TF_NUM_INTEROP_THREADS: "1", OMP_NUM_THREADS: "1" };

function request(
  child: ChildProcess,
  message: WorkerRequest,
  onProgress: (part: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMessage = (reply: WorkerReply) => {
      if (reply.kind === "progress") onProgress(reply.part);
      else settle(reply.kind === "failed" ? new Error(reply.message) : undefined);
    };
    const onExit = (code: number | null, signal: string | null) =>
      settle(
        new Error(
          `The worker computing ${message.stage.kind} of seed ${message.stage.setting.seed} ended early ` +
            `(${signal ?? `exit ${code}`}): run the same command again to continue; if memory ran out, set ALLROADS_WORKERS=1.`,
        ),
      );
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send(message);
  });
}
