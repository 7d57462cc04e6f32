import { spawn } from "node:child_process";

/** A running server of the Language Server Protocol. */
export interface LanguageServer {
  /** Rejects if the server reports an error or exits. */
  // biome-ignore lint/suspicious/noExplicitAny: a result's shape depends on the method
  request(method: string, params: unknown): Promise<any>;
  notify(method: string, params: unknown): void;
  /** Whether the process is running. */
  alive(): boolean;
  end(): void;
}

interface PendingRequest {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Splits a byte stream into the bodies of the base protocol's messages (`Content-Length` header, then JSON). */
export function messageReader(onMessage: (body: string) => void): (chunk: Buffer) => void {
  let buffered: Buffer = Buffer.alloc(0);
  return (chunk) => {
    buffered = buffered.length > 0 ? Buffer.concat([buffered, chunk]) : chunk;
    for (;;) {
      const headerEnd = buffered.indexOf("\r\n\r\n");
      if (headerEnd < 0) return;
      const header = buffered.toString("latin1", 0, headerEnd);
      const length = Number(/content-length: *(\d+)/i.exec(header)?.[1] ?? 0);
      const end = headerEnd + 4 + length;
      if (buffered.length < end) return;
      onMessage(buffered.toString("utf8", headerEnd + 4, end));
      buffered = buffered.subarray(end);
    }
  };
}

/**
 * Starts a language server that communicates over stdin and stdout. Variables of `env` apply unless this process's
 * environment sets them.
 */
export function startLanguageServer(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): LanguageServer {
  // Detached: signals to the kernel's process group must not reach it. It exits when its stdin closes.
  const child = spawn(command, args, {
    cwd,
    env: { ...env, ...process.env },
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const pending = new Map<number, PendingRequest>();
  let lastId = 0;
  let exitError: Error | undefined;

  /** Messages that are written together with the next one, or at the end of the current operation: one write wakes the server once. */
  let waiting = "";
  const flush = () => {
    if (waiting !== "") child.stdin.write(waiting);
    waiting = "";
  };
  const write = (message: object) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    if (waiting === "") queueMicrotask(flush);
    waiting += `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  const rejectAll = (reason: string) => {
    exitError = new Error(reason);
    for (const { reject } of pending.values()) reject(exitError);
    pending.clear();
  };

  child.on("error", (error) => rejectAll(`The language server could not be started: ${error.message}.`));
  child.on("exit", () => rejectAll("The language server has exited."));
  child.stdin.on("error", () => {});
  child.stdout.on(
    "data",
    messageReader((body) => {
      const message = JSON.parse(body);
      if (message.method !== undefined) {
        // Requests of the server are answered by null, its notifications are ignored.
        if (message.id !== undefined) write({ id: message.id, result: null });
        return;
      }
      const request = pending.get(message.id);
      pending.delete(message.id);
      if (message.error) request?.reject(new Error(message.error.message));
      else request?.resolve(message.result);
    }),
  );
  child.unref();

  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        if (exitError) return reject(exitError);
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        write({ id: lastId, method, params });
        flush();
      }),
    notify: (method, params) => {
      if (!exitError) write({ method, params });
    },
    alive: () => exitError === undefined,
    end: () => {
      flush();
      child.stdin.end();
      child.kill();
    },
  };
}
