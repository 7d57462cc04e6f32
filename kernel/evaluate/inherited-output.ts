import childProcess, { ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import type { OutputAddress } from "../shared/thread-messages.ts";
import type { Ask } from "./blocking-request.ts";
import { apply } from "./intrinsics.ts";
import { currentRun } from "./run-context.ts";

// The descriptors 1 and 2 of the kernel lead to Jupyter's log. A child process that would inherit them gets connections
// to the protocol thread instead.

const streamNames = { 1: "stdout", 2: "stderr" } as const;
type Descriptor = keyof typeof streamNames;

/** What `stdio` can be in the options of `child_process`. */
type Stdio = unknown;

/** The descriptor that an entry of `stdio` passes on, if it is one of the two. */
function inheritedDescriptor(entry: Stdio, index: number): Descriptor | undefined {
  const descriptor = entry === "inherit" ? index : ((entry as { fd?: unknown } | null)?.fd ?? entry);
  return descriptor === 1 || descriptor === 2 ? descriptor : undefined;
}

/** The `stdio` of each descriptor; undefined if none leads to the kernel's own output. */
export function stdioEntries(stdio: Stdio): Stdio[] | undefined {
  const entries: Stdio[] = stdio === "inherit" ? [0, 1, 2] : Array.isArray(stdio) ? [...stdio] : [];
  return entries.some((entry, index) => inheritedDescriptor(entry, index)) ? entries : undefined;
}

/** A connection whose descriptor a child process can inherit. */
interface OutputConnection {
  descriptor: number;
  /** Closes the descriptor of this process. */
  close(): void;
}

type Pipe = { _handle?: { fd?: number; setBlocking?(blocking: boolean): void } | null };

/** Connects to the protocol thread. Undefined where sockets have no descriptors, as in Windows. */
function connect({ path, token }: OutputAddress, write: typeof fs.writeSync): OutputConnection | undefined {
  const socket = net.connect({ path });
  socket.on("error", () => {});
  const { fd = -1 } = (socket as unknown as Pipe)._handle ?? {};
  if (fd < 0) {
    socket.destroy();
    return undefined;
  }
  // Child processes expect that writing blocks.
  (socket as unknown as Pipe)._handle?.setBlocking?.(true);
  write(fd, `${token}\n`);
  return { descriptor: fd, close: () => socket.destroy() };
}

/** Makes the output of child processes that inherit stdout or stderr appear in the notebook. */
export function captureChildProcesses(ask: Ask): void {
  const { writeSync } = fs;

  /** Waits until all output so far is read, so that what this thread prints next cannot overtake it. */
  const settle = () => void ask({ type: "settle" });

  /** Calls a function with options whose inherited descriptors lead to the notebook. */
  function withOutput<O extends object, R>(options: O, call: (options: O) => R): R {
    const entries = stdioEntries((options as { stdio?: Stdio }).stdio);
    if (!entries) return call(options);
    const connections: OutputConnection[] = [];
    for (const [index, entry] of entries.entries()) {
      const descriptor = inheritedDescriptor(entry, index);
      if (!descriptor) continue;
      const name = streamNames[descriptor];
      const address = ask<OutputAddress>({ type: "output", name, run: currentRun() });
      const connection = "error" in address ? undefined : connect(address, writeSync);
      if (!connection) continue;
      connections.push(connection);
      entries[index] = connection.descriptor;
    }
    try {
      return call({ ...options, stdio: entries });
    } finally {
      for (const { close } of connections) close();
    }
  }

  const prototype = ChildProcess.prototype as unknown as {
    spawn(this: ChildProcess, options: object): unknown;
  };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    return withOutput(options, (changed) => {
      if (changed !== options) this.once("exit", settle);
      return apply(spawn, this, [changed]);
    });
  };
  for (const name of ["spawnSync", "execFileSync", "execSync"] as const) {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    const replacement = (...args: unknown[]) => {
      const last = args.at(-1);
      const hasOptions = args.length > 1 && typeof last === "object" && last !== null && !Array.isArray(last);
      if (!hasOptions) return original(...args);
      return withOutput(last, (options) => {
        try {
          return original(...args.slice(0, -1), options);
        } finally {
          if (options !== last) settle();
        }
      });
    };
    Object.assign(childProcess, { [name]: replacement });
  }
}
