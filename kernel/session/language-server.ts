import { type ChildProcess, spawn } from "node:child_process";

/** A server of the Language Server Protocol. */
export interface LanguageServer {
  // biome-ignore lint/suspicious/noExplicitAny: a result's shape depends on the method
  request(method: string, params: unknown): Promise<any>;
  notify(method: string, params: unknown): void;
  /** Whether it runs, as far as is known. */
  alive(): boolean;
  end(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Cuts what arrives into messages, each a JSON text after its headers. */
export function messageReader(take: (text: string) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    for (;;) {
      const head = held.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(held.toString("latin1", 0, head))?.[1] ?? 0);
      const end = head + 4 + length;
      if (held.length < end) return;
      take(held.toString("utf8", head + 4, end));
      held = held.subarray(end);
    }
  };
}

/**
 * Starts a language server that speaks over its standard streams; requests are rejected once it has ended. `env` is
 * what it is told besides this process's own environment, where that says nothing else.
 */
export function startServer(
  command: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): LanguageServer {
  // A group of its own: signals for the kernel's group are not meant for it. It ends when its input does.
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: { ...env, ...process.env },
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let ended: Error | undefined;

  const write = (message: object) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const end = (why: string) => {
    ended = new Error(why);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };

  child.on("error", (error) => end(`The language server does not start: ${error.message}.`));
  child.on("exit", () => end("The language server has ended."));
  child.stdin!.on("error", () => {});
  child.stdout!.on(
    "data",
    messageReader((text) => {
      const message = JSON.parse(text);
      if (message.method !== undefined) {
        // What the server asks of its client, it need not know.
        if (message.id !== undefined) write({ id: message.id, result: null });
        return;
      }
      const request = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) request?.reject(new Error(message.error.message));
      else request?.resolve(message.result);
    }),
  );
  child.unref();

  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        last += 1;
        waiting.set(last, { resolve, reject });
        write({ id: last, method, params });
      }),
    notify: (method, params) => {
      if (!ended) write({ method, params });
    },
    alive: () => ended === undefined,
    end: () => {
      child.stdin!.end();
      child.kill();
    },
  };
}
