import path from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { createFlags, type SharedState } from "../shared/thread-messages.ts";

// The protocol thread is started before the main thread's code is loaded, because Jupyter waits for its first reply.
const { port1: answers, port2 } = new MessageChannel();
const shared: SharedState = {
  connectionFile: path.resolve(process.argv[2] ?? ""),
  folder: process.cwd(),
  flags: createFlags(),
  answers: port2,
};
const siblingUrl = (name: string) => new URL(name, import.meta.url);
const worker = new Worker(siblingUrl("./protocol.cjs"), { workerData: shared, transferList: [port2] });
// Ignored until the protocol thread handles interrupts.
process.on("SIGINT", () => {});
// As if by `nohup`, whose setting Node reverts: the kernel ends with Jupyter, not with the terminal.
process.on("SIGHUP", () => {});
worker.once("online", async () => {
  const { runMainThread }: typeof import("./main.ts") = await import(siblingUrl("./main.mjs").href);
  runMainThread({ ...shared, worker, answers });
});
