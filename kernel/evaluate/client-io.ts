import { Console } from "node:console";
import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort } from "node:worker_threads";
import type { MimeBundle } from "../display/jupyter.ts";
import { type FromMainThread, flag } from "../protocol/thread-messages.ts";
import type { Content } from "../protocol/wire.ts";
import { plainBundle } from "./plain-bundle.ts";
import { currentRun } from "./run-context.ts";

/** Rich output of cells to Jupyter's clients, and input from them. */
export interface ClientIO {
  /** Sends `display_data`, or `update_display_data` if `update` is true. */
  display(data: MimeBundle, metadata?: Content, displayId?: string, update?: boolean): void;
  clearOutput(wait?: boolean): void;
  /**
   * Asks the user for a line of text, and blocks until it is there.
   *
   * @throws if the client does not allow input
   */
  input(prompt: string, password?: boolean): string;
}

/** Creates the client I/O. `inputs` receives the answers to input requests. */
export function openClientIO(
  send: (message: FromMainThread) => void,
  inputs: MessagePort,
  flags: Int32Array,
): ClientIO {
  return {
    display(bundle, metadata = {}, displayId, update = false) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      const content = { data: plainBundle(bundle), metadata, transient };
      send({ type: "display", content, update, run: currentRun() });
    },
    clearOutput: (wait = false) => send({ type: "clear", wait, run: currentRun() }),
    input(prompt, password = false) {
      Atomics.store(flags, flag.inputAnswered, 0);
      // Drop an answer that arrived after an interrupt.
      while (receiveMessageOnPort(inputs));
      send({ type: "input", prompt, password });
      Atomics.wait(flags, flag.inputAnswered, 0);
      const reply = receiveMessageOnPort(inputs)?.message as { value: string } | { error: string };
      if ("error" in reply) throw new Error(reply.error);
      return reply.value;
    },
  };
}

/** The most printed characters that the protocol thread has not taken yet. */
const mostUntaken = 2 ** 26;

/** How long a printing cell waits for the protocol thread to take anything, in ms. */
const takingTime = 1000;

/** Prints to stdout or stderr of the notebook. */
export type Print = (name: "stdout" | "stderr", text: string) => void;

/**
 * Creates the function that prints. A cell that prints faster than its output can be sent waits, so that the output
 * between the threads does not fill the memory.
 */
export function openPrint(send: (message: FromMainThread) => void, flags: Int32Array): Print {
  const { load, wait } = Atomics;
  let printed = 0;
  return (name, text) => {
    if (text === "") return;
    send({ type: "stream", name, text, run: currentRun() });
    printed = (printed + text.length) | 0;
    for (;;) {
      const taken = load(flags, flag.taken);
      if (((printed - taken) | 0) <= mostUntaken) return;
      if (wait(flags, flag.taken, taken, takingTime) === "timed-out") return;
    }
  };
}

/** Redirects stdout and stderr, and the global console, to the notebook. */
export function captureStreams(print: Print): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      print(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    }) as typeof stream.write;
  }
  // Node's own console also keeps all logged values for debuggers, which would leak memory in a long session.
  const replacement = new Console({ stdout: process.stdout, stderr: process.stderr });
  for (const key of Object.keys(replacement) as (keyof Console)[])
    if (typeof replacement[key] === "function") Object.assign(console, { [key]: replacement[key] });
}

/** Defines the browser's `prompt`, `confirm` and `alert`, which ask in the notebook. */
export function installPrompts({ input }: ClientIO): void {
  const prompts = {
    prompt: (message = "", initial: string | null = null) => input(String(message)) || initial,
    confirm: (message = "") => /^y(es)?$/i.test(input(`${message} [y/N] `).trim()),
    alert: (message = "") => void input(`${message} [Enter] `),
  };
  for (const [name, value] of Object.entries(prompts))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
