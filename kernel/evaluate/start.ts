import path from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Shared } from "../protocol/thread-messages.ts";

/** What the thread that cells are evaluated on works with. */
export interface Started extends Pick<Shared, "folder" | "flags"> {
  /** The thread that speaks with Jupyter. */
  worker: Worker;
  /** Where answers of whoever runs the notebook come in. */
  inputs: MessagePort;
}

// Jupyter waits for the other thread: it is started before anything else of this one is read.
const { port1: inputs, port2 } = new MessageChannel();
const shared: Shared = {
  connectionFile: path.resolve(process.argv[2] ?? ""),
  folder: process.cwd(),
  flags: new Int32Array(new SharedArrayBuffer(16)),
  inputs: port2,
};
const beside = (name: string) => new URL(name, import.meta.url);
const worker = new Worker(beside("./protocol.cjs"), { workerData: shared, transferList: [port2] });
// Until the other thread listens for signals there is nothing to interrupt.
process.on("SIGINT", () => {});
worker.once("online", async () => {
  const { evaluateCells }: typeof import("./main.ts") = await import(beside("./main.mjs").href);
  evaluateCells({ ...shared, worker, inputs });
});
