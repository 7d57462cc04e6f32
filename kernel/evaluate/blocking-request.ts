import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { type FromMainThread, flag } from "../shared/thread-messages.ts";

/** Sends a message to the protocol thread and blocks this thread until the answer is there. */
export type Ask = <T extends object>(message: FromMainThread) => T | { error: string };

/** Creates the function. `answers` receives the answers. */
export function openBlockingRequests(
  send: (message: FromMainThread) => void,
  answers: MessagePort,
  flags: Int32Array,
): Ask {
  const { store, wait } = Atomics;
  return <T extends object>(message: FromMainThread) => {
    store(flags, flag.answered, 0);
    // Drop an answer that arrived after an interrupt.
    while (receiveMessageOnPort(answers));
    send(message);
    wait(flags, flag.answered, 0);
    return receiveMessageOnPort(answers)?.message as T | { error: string };
  };
}
