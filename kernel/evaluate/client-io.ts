import { Console } from "node:console";
import { StringDecoder } from "node:string_decoder";
import type { MimeBundle } from "../display/mime-bundle.ts";
import type { Content } from "../shared/content.ts";
import { type FromMainThread, flag } from "../shared/thread-messages.ts";
import type { Ask } from "./blocking-request.ts";
import { ownKeys } from "./intrinsics.ts";
import { plainBundle } from "./plain-bundle.ts";
import { currentRun } from "./run-context.ts";

/** Output of cells to Jupyter's clients, and input from them. */
export interface ClientIO {
  print(name: "stdout" | "stderr", text: string): void;
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

/** The most characters of output that the protocol thread has not taken yet. */
const mostUntaken = 2 ** 24;

/** How long a cell with more output waits at most, in ms. */
const takingTime = 30_000;

/**
 * Creates a function that must be called with the size of each output after it was sent. A cell whose output is made
 * faster than the clients read it waits there, so that the output between the threads does not fill the memory.
 */
function waitForTaking(flags: Int32Array): (size: number) => void {
  const { load, wait } = Atomics;
  let sent = 0;
  return (size) => {
    sent = (sent + size) | 0;
    for (;;) {
      const taken = load(flags, flag.taken);
      if (((sent - taken) | 0) <= mostUntaken) return;
      if (wait(flags, flag.taken, taken, takingTime) === "timed-out") return;
    }
  };
}

/** The number of characters of a bundle's texts. */
function sizeOf(data: MimeBundle): number {
  let size = 0;
  const names = ownKeys(data) as string[];
  for (let index = 0; index < names.length; index++) {
    const value = data[names[index]!];
    if (typeof value === "string") size += value.length;
  }
  return size;
}

/** Creates the client I/O. `ask` sends a message to the protocol thread and waits for the answer. */
export function openClientIO(send: (message: FromMainThread) => void, ask: Ask, flags: Int32Array): ClientIO {
  const afterSending = waitForTaking(flags);
  return {
    print(name, text) {
      if (text === "") return;
      send({ type: "stream", name, text, run: currentRun(), size: text.length });
      afterSending(text.length);
    },
    display(bundle, metadata = {}, displayId, update = false) {
      const transient = displayId === undefined ? {} : { display_id: displayId };
      const data = plainBundle(bundle);
      const size = sizeOf(data);
      send({ type: "display", content: { data, metadata, transient }, update, run: currentRun(), size });
      afterSending(size);
    },
    clearOutput: (wait = false) => send({ type: "clear", wait, run: currentRun() }),
    input(prompt, password = false) {
      const reply = ask<{ value: string }>({ type: "input", prompt, password, run: currentRun() });
      if ("error" in reply) throw new Error(reply.error);
      return reply.value;
    },
  };
}

/** Whether what is written to a stream is text, and not bytes or, as with the encoding "hex", a text that stands for bytes. */
const isText = (chunk: string | Uint8Array, encoding: unknown): chunk is string =>
  typeof chunk === "string" && (typeof encoding !== "string" || /^utf-?8$/i.test(encoding));

/** The bytes that a chunk stands for. */
const bytesOf = (chunk: string | Uint8Array, encoding: unknown): Buffer =>
  typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk);

/** Redirects stdout and stderr, and the global console, to the notebook. */
export function captureStreams({ print }: ClientIO): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    // A character's bytes may be in two chunks.
    const decoder = new StringDecoder("utf8");
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      const text = isText(chunk, encoding) ? chunk : decoder.write(bytesOf(chunk, encoding));
      print(name, text);
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
    prompt(message = "", initial: string | null = null) {
      try {
        return input(String(message)) || initial;
      } catch (error) {
        // Without a user, the default is the answer.
        if (initial === null) throw error;
        return initial;
      }
    },
    confirm: (message = "") => /^y(es)?$/i.test(input(`${message} [y/N] `).trim()),
    alert: (message = "") => void input(`${message} [Enter] `),
  };
  for (const [name, value] of Object.entries(prompts))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
