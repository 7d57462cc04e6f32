import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A message published for a cell. */
export interface CellMessage {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the content's shape depends on the type
  content: any;
}

interface Socket {
  receiveTimeout: number;
  connect(address: string): void;
  close(): void;
  send(frames: (string | Buffer)[]): Promise<void>;
  receive(): Promise<Buffer[]>;
  subscribe(): void;
}

export interface TslabClient {
  /** Runs a cell. Returns the status of its reply, and the published messages without the status messages. */
  run(code: string): Promise<{ status: string; messages: CellMessage[] }>;
  stop(): void;
}

const key = "key";

function request(type: string, content: object): { id: string; frames: string[] } {
  const id = randomUUID();
  const header = { msg_id: id, msg_type: type, session: "test", username: "test", version: "5.3", date: "" };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = createHmac("sha256", key).update(parts.join("")).digest("hex");
  return { id, frames: ["<IDS|MSG>", signature, ...parts] };
}

function parse(frames: Buffer[]) {
  const start = frames.findIndex((frame) => frame.toString() === "<IDS|MSG>") + 2;
  const [header, parent, , content] = frames.slice(start).map((frame) => JSON.parse(frame.toString()));
  return { type: header.msg_type as string, parent: parent.msg_id as string, content };
}

async function ready(shell: Socket, iopub: Socket, kernel: ChildProcess): Promise<void> {
  let heard = false;
  let exited = false;
  kernel.once("exit", () => {
    exited = true;
  });
  iopub.receive().then(
    () => {
      heard = true;
    },
    () => {},
  );
  while (!heard) {
    if (exited) throw new Error("The tslab kernel ended before it was ready.");
    await shell.send(request("kernel_info_request", {}).frames);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Starts a tslab kernel in `folder` and connects to it over Unix sockets. */
export async function startTslab(folder: string): Promise<TslabClient> {
  const require = createRequire(import.meta.url);
  const zmq = createRequire(require.resolve("tslab"))("zeromq");
  const home = mkdtempSync(join(tmpdir(), "tslab-"));
  const connection = { transport: "ipc", ip: join(home, "s"), key, signature_scheme: "hmac-sha256" };
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  writeFileSync(join(home, "connection.json"), JSON.stringify({ ...connection, ...ports }));
  const bin = join(require.resolve("tslab"), "..", "..", "bin", "tslab");
  const kernel = spawn(process.execPath, [bin, "kernel", "--config-path", join(home, "connection.json")], {
    cwd: folder,
    stdio: "ignore",
  });
  const shell: Socket = new zmq.Dealer();
  const iopub: Socket = new zmq.Subscriber();
  shell.connect(`ipc://${join(home, "s")}:1`);
  iopub.connect(`ipc://${join(home, "s")}:2`);
  iopub.subscribe();
  for (const socket of [shell, iopub]) socket.receiveTimeout = 30_000;
  const stop = () => {
    kernel.kill("SIGKILL");
    shell.close();
    iopub.close();
    rmSync(home, { recursive: true });
  };
  await ready(shell, iopub, kernel);

  async function run(code: string) {
    const { id, frames } = request("execute_request", { code, silent: false, store_history: true });
    await shell.send(frames);
    const messages: CellMessage[] = [];
    for (;;) {
      const message = parse(await iopub.receive());
      if (message.parent !== id) continue;
      if (message.type !== "status") messages.push({ type: message.type, content: message.content });
      else if (message.content.execution_state === "idle") break;
    }
    for (;;) {
      const reply = parse(await shell.receive());
      if (reply.parent === id) return { status: reply.content.status as string, messages };
    }
  }
  return { run, stop };
}
