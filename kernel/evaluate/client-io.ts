import { Console } from "node:console";
import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort } from "node:worker_threads";
import { type MimeBundle, wireData } from "../display/jupyter.ts";
import type { FromMain } from "../protocol/thread-messages.ts";
import type { Content } from "../protocol/wire.ts";
import { presentRun } from "./run-context.ts";

/** What cells can send to the notebook, and ask of it. */
export interface Channel {
  display(data: MimeBundle, metadata?: Content, displayId?: string, update?: boolean): void;
  clearOutput(wait?: boolean): void;
  /** Asks the user for a line, and waits for it. Throws where the client gives no input. */
  input(prompt: string, password?: boolean): string;
}

/** Opens the channel to the thread that speaks with Jupyter. */
export function openChannel(
  send: (message: FromMain) => void,
  inputs: MessagePort,
  flags: Int32Array,
): Channel {
  return {
    display(bundle, metadata = {}, displayId, update = false) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      // What cannot be cloned between threads can still be JSON, which it becomes anyway.
      const data = JSON.parse(JSON.stringify(wireData(bundle)));
      send({ type: "display", content: { data, metadata, transient }, update, run: presentRun() });
    },
    clearOutput: (wait = false) => send({ type: "clear", wait, run: presentRun() }),
    input(prompt, password = false) {
      Atomics.store(flags, 1, 0);
      while (receiveMessageOnPort(inputs)); // an answer that came after an interrupt
      send({ type: "input", prompt, password });
      Atomics.wait(flags, 1, 0);
      const reply = receiveMessageOnPort(inputs)?.message as { value: string } | { error: string };
      if ("error" in reply) throw new Error(reply.error);
      return reply.value;
    },
  };
}

/** Makes all that is printed go to the notebook. */
export function captureStreams(send: (message: FromMain) => void): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      if (text !== "") send({ type: "stream", name, text, run: presentRun() });
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    }) as typeof stream.write;
  }
  // Node's own console also keeps what it prints for debuggers: memory that a long session has no use for.
  const own = new Console({ stdout: process.stdout, stderr: process.stderr });
  for (const key of Object.keys(own) as (keyof Console)[])
    if (typeof own[key] === "function") Object.assign(console, { [key]: own[key] });
}

/** The browser's questions, asked in the notebook. */
export function installPrompts({ input }: Channel): void {
  const prompts = {
    prompt: (message = "", initial: string | null = null) => input(String(message)) || initial,
    confirm: (message = "") => /^y(es)?$/i.test(input(`${message} [y/N] `).trim()),
    alert: (message = "") => void input(`${message} [Enter] `),
  };
  for (const [name, value] of Object.entries(prompts))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
