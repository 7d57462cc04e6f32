import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { afterAll } from "vitest";
import { Dealer, Request, Subscriber } from "zeromq";
import { install } from "../../kernel/install/install.mjs";
import { kernelArguments } from "../../kernel/install/kernelspec.mjs";
import { decode, encode, type Message } from "../../kernel/protocol/wire.ts";
import { bundleKernel } from "../../kernel/setup/build.mjs";
import { pathsBelow } from "../../kernel/setup/paths.mjs";
import type { Content } from "../../kernel/shared/content.ts";

const root = resolve(import.meta.dirname, "..", "..");

/** The key that signs messages. */
export const key = "a key";

export type RequestChannel = "shell" | "control";

/** The result of running a cell. */
export interface CellRun {
  /** The content of the `execute_reply`. */
  reply: Content;
  /** The messages published on iopub, except statuses. */
  messages: { type: string; content: Content }[];
  /** The text printed to stdout. */
  printed: string;
  /** The plain text of the `execute_result`. */
  result: string | undefined;
}

/** A client of one running kernel. */
export interface KernelClient {
  /** The process id of the kernel. */
  pid: number;
  /** The paths of the kernel's Unix sockets. */
  sockets: Record<(typeof channels)[number], string>;
  /** Sends a request and waits for its reply. Returns the content of the reply. */
  ask(channel: RequestChannel, type: string, content?: Content): Promise<Content>;
  /** Runs a cell, by default in the main shell, and waits for its reply and the idle status. */
  run(code: string, options?: Content, subshell?: string, metadata?: Content): Promise<CellRun>;
  /** Waits for a message on iopub that matches. */
  published(matches: (message: Message) => boolean): Promise<Message>;
  /** Sends a message on the shell channel without waiting for a reply. */
  send(type: string, content: Content): void;
  /** Sets the function that answers input requests. */
  onInput(answer: (content: Content) => string): void;
  /** Sends frames without encoding them. */
  raw(frames: (string | Uint8Array)[], channel?: RequestChannel | "stdin"): Promise<void>;
  /** Passes all replies and iopub messages to a listener, until the returned function is called. */
  listen(listener: MessageListener): () => void;
  /** Sends a heartbeat and returns its echo. */
  heartbeat(): Promise<string>;
  /** Resolves with the exit code of the kernel. */
  ended: Promise<number | null>;
  /** Kills the kernel and removes its files. */
  stop(): Promise<void>;
}

/** The channels of a connection. */
const channels = ["shell", "iopub", "stdin", "control", "hb"] as const;

type MessageListener = (channel: RequestChannel | "iopub", message: Message) => void;

/** Creates a client's message. */
export const message = (type: string, content: Content, id: string = randomUUID()): Message => ({
  identities: [],
  header: { msg_id: id, msg_type: type, session: "test", username: "test", version: "5.4", date: "" },
  parent_header: {},
  metadata: {},
  content,
  buffers: [],
});

/**
 * The process id of a child process with a given name (Linux only).
 *
 * @throws if there is none
 */
export function childProcessId(parent: number, name: string): number {
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = /\((?<command>.*)\) \S (?<parent>\d+)/.exec(stat)?.groups;
      if (fields?.command === name && Number(fields.parent) === parent) return Number(pid);
    } catch {
      // The process has just ended.
    }
  }
  throw new Error(`The process ${parent} has no child process "${name}".`);
}

let build: Promise<string> | undefined;

/** Builds the kernel, once for each test file. Returns the folder of the bundles. */
export function builtKernel(): Promise<string> {
  build ??= (async () => {
    const folder = join(root, "node_modules", ".cache", `kernel-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    await bundleKernel(folder, { paths: pathsBelow(root), esbuild });
    return folder;
  })();
  return build;
}

afterAll(async () => {
  if (build) rmSync(await build, { recursive: true });
});

/** Installs the built kernel as `allroads` in a data folder for JUPYTER_PATH. */
export async function installBuiltKernel(data: string): Promise<void> {
  const program = join(await builtKernel(), "start.cjs");
  install(data, "allroads", { node: process.execPath, program, displayName: "TypeScript" });
}

/** Installs the built display library and the packages that charts need in a folder's node_modules. */
export async function installLibrary(folder: string): Promise<void> {
  const library = join(folder, "node_modules", "allroads-kernel");
  mkdirSync(library, { recursive: true });
  cpSync(join(await builtKernel(), "index.cjs"), join(library, "index.js"));
  for (const name of ["vega", "vega-lite", "@types"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
}

/**
 * Starts the kernel in a folder, connects to it and waits for its first message.
 *
 * @param wrapper a command that runs the kernel's command line, which is appended to it
 */
export async function startKernel(
  folder: string,
  env: Record<string, string> = {},
  wrapper?: [string, ...string[]],
): Promise<KernelClient> {
  const program = join(await builtKernel(), "start.cjs");
  /** Sockets, connection file, history and temporary files of the kernel. */
  const home = mkdtempSync(join(tmpdir(), "kernel-"));
  const connectionFile = join(home, "connection.json");
  const socketPath = join(home, "s");
  const portProperties = Object.fromEntries(channels.map((channel, index) => [`${channel}_port`, index + 1]));
  const socketEntries = channels.map((channel, index) => [channel, `${socketPath}-${index + 1}`]);
  const socketsOfKernel = Object.fromEntries(socketEntries) as KernelClient["sockets"];
  const connection = { transport: "ipc", ip: socketPath, key, signature_scheme: "hmac-sha256" };
  writeFileSync(connectionFile, JSON.stringify({ ...connection, ...portProperties }));
  const commandLine: [string, ...string[]] = [process.execPath, ...kernelArguments(program), connectionFile];
  const [command, ...args] = wrapper ? [...wrapper, ...commandLine] : commandLine;
  const history = join(home, "history.jsonl");
  const kernelEnv = {
    ...{ ALLROADS_KERNEL_HISTORY: history, TMPDIR: home, XDG_CACHE_HOME: home },
    // The kernel ends with its parent, as one that Jupyter has started.
    JPY_PARENT_PID: String(process.pid),
  };
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...kernelEnv, ...env },
    stdio: ["ignore", "ignore", process.env.KERNEL_LOG ? "inherit" : "ignore"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`The kernel could not be started: ${command} cannot be run.`);
  let exitText: string | undefined;
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", (code, signal) => {
      exitText = `has ended (${signal ?? `status ${code}`}) and`;
      resolve(code);
    }),
  );
  /** Waits for a reply. Rejects if the kernel ends, or does not reply on the control channel within a minute. */
  const waitForReply = (
    channel: RequestChannel,
    request: string,
    reply: Promise<Message>,
  ): Promise<Content> => {
    const content = new Promise<Content>((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(`The kernel, process ${pid}, ${exitText ?? "runs but"} did not reply to "${request}".`),
        );
      reply.then((message) => resolve(message.content));
      // The last messages may arrive after the process has ended.
      ended.then(() => setTimeout(fail, 2000).unref());
      if (channel === "control") setTimeout(fail, 60_000).unref();
    });
    content.catch(() => {});
    return content;
  };

  const routingId = randomUUID();
  const dealers = {
    shell: new Dealer({ routingId }),
    control: new Dealer({ routingId }),
    stdin: new Dealer({ routingId }),
  };
  const iopub = new Subscriber();
  dealers.shell.connect(`ipc://${socketsOfKernel.shell}`);
  iopub.connect(`ipc://${socketsOfKernel.iopub}`);
  dealers.stdin.connect(`ipc://${socketsOfKernel.stdin}`);
  dealers.control.connect(`ipc://${socketsOfKernel.control}`);
  iopub.subscribe();
  iopub.receiveHighWaterMark = 0;
  const sockets = [...Object.values(dealers), iopub];
  for (const socket of sockets) socket.linger = 0;
  /** The last pending send: a socket cannot send two messages at once. */
  let lastSend = Promise.resolve();
  const sendFrames = (channel: RequestChannel | "stdin", frames: (string | Uint8Array)[]) => {
    lastSend = lastSend.then(() => dealers[channel].send(frames as Buffer[]));
    return lastSend;
  };

  const pendingReplies = new Map<string, (message: Message) => void>();
  const iopubListeners = new Set<(message: Message) => void>();
  const listeners = new Set<MessageListener>();
  let answerInput: (content: Content) => string = () => "";

  const receive = async (socket: AsyncIterable<Buffer[]>, onMessage: (message: Message) => void) => {
    for await (const frames of socket) onMessage(decode(frames, key));
  };
  const onReply = (channel: RequestChannel) => (reply: Message) => {
    for (const listener of [...listeners]) listener(channel, reply);
    const id = String(reply.parent_header.msg_id);
    pendingReplies.get(id)?.(reply);
    pendingReplies.delete(id);
  };
  const loops = [
    receive(dealers.shell, onReply("shell")),
    receive(dealers.control, onReply("control")),
    receive(dealers.stdin, ({ content }) => {
      sendFrames("stdin", encode(message("input_reply", { value: answerInput(content) }), key));
    }),
    receive(iopub, (published) => {
      for (const listener of [...listeners]) listener("iopub", published);
      for (const listener of [...iopubListeners]) listener(published);
    }),
  ];
  for (const loop of loops) loop.catch(() => {});

  const published: KernelClient["published"] = (matches) =>
    new Promise((resolve) => {
      const listener = (received: Message) => {
        if (!matches(received)) return;
        iopubListeners.delete(listener);
        resolve(received);
      };
      iopubListeners.add(listener);
    });

  const send = (
    channel: RequestChannel,
    type: string,
    content: Content,
    { id, subshell, metadata = {} }: { id?: string; subshell?: string | undefined; metadata?: Content } = {},
  ) => {
    const request = { ...message(type, content, id), metadata };
    if (subshell !== undefined) request.header.subshell_id = subshell;
    const reply = new Promise<Message>((resolve) => pendingReplies.set(request.header.msg_id, resolve));
    sendFrames(channel, encode(request, key));
    return reply;
  };

  const client: KernelClient = {
    pid,
    sockets: socketsOfKernel,
    ended,
    published,
    send: (type, content) => void send("shell", type, content),
    ask: (channel, type, content = {}) =>
      waitForReply(channel, `${type} ${content.command ?? ""}`.trim(), send(channel, type, content)),
    run(code, options = {}, subshell, metadata = {}) {
      const defaults = { silent: false, store_history: true, allow_stdin: true, stop_on_error: true };
      const id = randomUUID();
      const messages: CellRun["messages"] = [];
      const idle = published(({ header, parent_header, content }) => {
        if (parent_header.msg_id !== id) return false;
        if (header.msg_type === "status") return content.execution_state === "idle";
        messages.push({ type: header.msg_type, content });
        return false;
      });
      const content = { code, ...defaults, ...options };
      const sent = send("shell", "execute_request", content, { id, subshell, metadata });
      const finished = Promise.all([waitForReply("shell", "execute_request", sent), idle]);
      const run = finished.then(([reply]) => {
        const stdout = messages.filter(({ type, content }) => type === "stream" && content.name === "stdout");
        const result = messages.find(({ type }) => type === "execute_result");
        return {
          reply,
          messages,
          printed: stdout.map(({ content: { text } }) => text).join(""),
          result: result?.content.data["text/plain"],
        };
      });
      // Tests that end the kernel do not wait for its cells.
      run.catch(() => {});
      return run;
    },
    onInput(answer) {
      answerInput = answer;
    },
    raw: (frames, channel = "shell") => sendFrames(channel, frames),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async heartbeat() {
      const socket = new Request();
      socket.linger = 0;
      socket.connect(`ipc://${socketsOfKernel.hb}`);
      await socket.send("beat");
      const [beat] = await socket.receive();
      socket.close();
      return String(beat);
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
      for (const socket of sockets) socket.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  // The subscription may take effect after the first requests: repeat them until a message is received.
  const firstMessage = published(({ header }) => header.msg_type === "status");
  const requesting = setInterval(() => send("shell", "kernel_info_request", {}), 50);
  const isReady = await Promise.race([firstMessage.then(() => true), ended.then(() => false)]);
  clearInterval(requesting);
  if (!isReady) {
    await client.stop();
    throw new Error("The kernel ended before it replied.");
  }
  return client;
}
