import { type ChildProcess, spawn } from "node:child_process";
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
import { Dealer, Request, Subscriber } from "zeromq";
import { install } from "../../kernel/install/install.mjs";
import { kernelArguments } from "../../kernel/install/kernelspec.mjs";
import { type Content, decode, encode, type Message } from "../../kernel/protocol/wire.ts";
import { bundleKernel } from "../../kernel/setup/build.mjs";
import { pathsBelow } from "../../kernel/setup/paths.mjs";

const root = resolve(import.meta.dirname, "..", "..");
export const key = "a key";

/** A channel that a client sends requests on. */
export type Asked = "shell" | "control";

/** What a cell gave: the reply, and all that was published for it in between, without the statuses. */
export interface Ran {
  reply: Content;
  messages: { type: string; content: Content }[];
  /** What it printed to stdout. */
  printed: string;
  /** The plain text of its result. */
  result: string | undefined;
}

export interface KernelClient {
  pid: number;
  /** Sends a request; resolves with the content of its reply. */
  ask(channel: Asked, type: string, content?: Content): Promise<Content>;
  run(code: string, options?: Content): Promise<Ran>;
  /** Waits for a message that is published. */
  published(matches: (message: Message) => boolean): Promise<Message>;
  /** Sends a message on the shell channel that has no reply. */
  send(type: string, content: Content): void;
  /** Answers what the kernel asks its user. */
  onInput(answer: (content: Content) => string): void;
  /** Sends frames as they are. */
  raw(frames: (string | Uint8Array)[], channel?: Asked | "stdin"): Promise<void>;
  /** Hands on all that the kernel says, until the returned function is called. */
  listen(take: (from: Asked | "iopub", message: Message) => void): () => void;
  heartbeat(): Promise<string>;
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** A client's message. */
export const message = (type: string, content: Content, id: string = randomUUID()): Message => ({
  identities: [],
  header: { msg_id: id, msg_type: type, session: "test", username: "test", version: "5.4", date: "" },
  parent_header: {},
  metadata: {},
  content,
  buffers: [],
});

/** The process of a name that another one has started. */
export function childOf(parent: number, name: string): number {
  for (const pid of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    try {
      const [, command, , above] = /\((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
      if (command === name && Number(above) === parent) return Number(pid);
    } catch {
      // It has just ended.
    }
  }
  throw new Error(`The process ${parent} has no child "${name}".`);
}

let built: Promise<string> | undefined;

/** The kernel as it is built for use, once for each test file. */
export function builtKernel(): Promise<string> {
  built ??= (async () => {
    const folder = join(root, "node_modules", ".cache", `kernel-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    await bundleKernel(folder, { paths: pathsBelow(root), esbuild });
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  })();
  return built;
}

/** Installs the built kernel as `allroads` below a folder that JUPYTER_PATH may name. */
export async function installBuiltKernel(data: string): Promise<void> {
  const program = join(await builtKernel(), "start.cjs");
  install(data, "allroads", { node: process.execPath, program, displayName: "TypeScript" });
}

/**
 * Makes `allroads-kernel` today's display library for the notebooks of a folder, and gives them the packages that
 * charts need.
 */
export async function installLibrary(folder: string): Promise<void> {
  const library = join(folder, "node_modules", "allroads-kernel");
  mkdirSync(library, { recursive: true });
  cpSync(join(await builtKernel(), "index.cjs"), join(library, "index.js"));
  for (const name of ["vega", "vega-lite", "@types"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
}

/** Starts the kernel in a folder and connects to it. */
export async function startKernel(
  folder: string,
  env: Record<string, string> = {},
  wrapper: string[] = [],
): Promise<KernelClient> {
  const dist = await builtKernel();
  const home = mkdtempSync(join(tmpdir(), "kernel-"));
  const file = join(home, "connection.json");
  const connection = { transport: "ipc", ip: join(home, "s"), key, signature_scheme: "hmac-sha256" };
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  writeFileSync(file, JSON.stringify({ ...connection, ...ports }));
  const [command, ...args] = [
    ...wrapper,
    process.execPath,
    ...kernelArguments(join(dist, "start.cjs")),
    file,
  ];
  const child: ChildProcess = spawn(command!, args, {
    cwd: folder,
    env: { ...process.env, ALLROADS_KERNEL_HISTORY: join(home, "history.jsonl"), ...env },
    stdio: ["ignore", "ignore", process.env.KERNEL_LOG ? "inherit" : "ignore"],
  });
  let end: string | undefined;
  const ended = new Promise<number | null>((done) =>
    child.once("exit", (code, signal) => {
      end = `has ended (${signal ?? `status ${code}`}) and`;
      done(code);
    }),
  );
  /** A reply; where the kernel has ended, or is silent on the control channel for a minute, an error tells so. */
  const answered = (channel: Asked, request: string, reply: Promise<Message>): Promise<Content> => {
    const content = new Promise<Content>((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(`The kernel, process ${child.pid}, ${end ?? "runs but"} did not answer "${request}".`),
        );
      reply.then((message) => resolve(message.content));
      // What it said at the end may still be on its way.
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
  const numbers = { shell: 1, iopub: 2, stdin: 3, control: 4 };
  for (const [name, socket] of Object.entries({ ...dealers, iopub }))
    socket.connect(`ipc://${join(home, "s")}-${numbers[name as keyof typeof numbers]}`);
  iopub.subscribe();
  for (const socket of [...Object.values(dealers), iopub]) socket.linger = 0;
  iopub.receiveHighWaterMark = 0;
  /** A socket sends one message at a time: each waits for the one before it. */
  let sending = Promise.resolve();
  const sendFrames = (channel: Asked | "stdin", frames: (string | Uint8Array)[]) => {
    sending = sending.then(() => dealers[channel].send(frames as Buffer[]));
    return sending;
  };

  const replies = new Map<string, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  const ears = new Set<(from: Asked | "iopub", message: Message) => void>();
  let answerInput: (content: Content) => string = () => "";

  const listen = async (socket: AsyncIterable<Buffer[]>, take: (message: Message) => void) => {
    for await (const frames of socket) take(decode(frames, key));
  };
  const answer = (from: Asked) => (reply: Message) => {
    for (const ear of [...ears]) ear(from, reply);
    const id = String(reply.parent_header.msg_id);
    replies.get(id)?.(reply);
    replies.delete(id);
  };
  const loops = [
    listen(dealers.shell, answer("shell")),
    listen(dealers.control, answer("control")),
    listen(dealers.stdin, ({ content }) => {
      sendFrames("stdin", encode(message("input_reply", { value: answerInput(content) }), key));
    }),
    listen(iopub, (published) => {
      for (const ear of [...ears]) ear("iopub", published);
      for (const listener of [...listeners]) listener(published);
    }),
  ];
  for (const loop of loops) loop.catch(() => {});

  const published: KernelClient["published"] = (matches) =>
    new Promise((done) => {
      const listener = (found: Message) => {
        if (!matches(found)) return;
        listeners.delete(listener);
        done(found);
      };
      listeners.add(listener);
    });

  const send = (channel: Asked, type: string, content: Content) => {
    const request = message(type, content);
    const reply = new Promise<Message>((done) => replies.set(request.header.msg_id, done));
    sendFrames(channel, encode(request, key));
    return { id: request.header.msg_id, reply };
  };

  const client: KernelClient = {
    pid: child.pid!,
    ended,
    published,
    send: (type, content) => void send("shell", type, content),
    ask: (channel, type, content = {}) =>
      answered(channel, `${type} ${content.command ?? ""}`.trim(), send(channel, type, content).reply),
    async run(code, options = {}) {
      const messages: Ran["messages"] = [];
      const content = { code, silent: false, store_history: true, allow_stdin: true, stop_on_error: true };
      let id = "";
      const held: Message[] = [];
      const take = (found: Message) => {
        if (found.parent_header.msg_id !== id) return;
        if (found.header.msg_type !== "status")
          messages.push({ type: found.header.msg_type, content: found.content });
      };
      const idle = published((found) => {
        held.push(found);
        if (id) while (held.length > 0) take(held.shift()!);
        return found.parent_header.msg_id === id && found.content.execution_state === "idle";
      });
      const sent = send("shell", "execute_request", { ...content, ...options });
      id = sent.id;
      const [reply] = await Promise.all([sent.reply, idle]);
      const texts = messages.filter(({ type, content: { name } }) => type === "stream" && name === "stdout");
      const result = messages.find(({ type }) => type === "execute_result")?.content.data["text/plain"];
      return {
        reply: reply.content,
        messages,
        printed: texts.map(({ content: { text } }) => text).join(""),
        result,
      };
    },
    onInput(next) {
      answerInput = next;
    },
    raw: (frames, channel = "shell") => sendFrames(channel, frames),
    listen(take) {
      ears.add(take);
      return () => ears.delete(take);
    },
    async heartbeat() {
      const socket = new Request();
      socket.linger = 0;
      socket.connect(`ipc://${join(home, "s")}-5`);
      await socket.send("beat");
      const [beat] = await socket.receive();
      socket.close();
      return String(beat);
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
      for (const socket of [...Object.values(dealers), iopub]) socket.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  // The subscription may take effect later than the first requests: wait until something is heard.
  const heard = published(({ header }) => header.msg_type === "status");
  const asking = setInterval(() => send("shell", "kernel_info_request", {}), 50);
  await Promise.race([
    heard,
    ended.then(() => {
      throw new Error("The kernel ended before it answered.");
    }),
  ]).finally(() => clearInterval(asking));
  return client;
}
