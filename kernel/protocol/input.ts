import type { ToMainThread } from "../shared/thread-messages.ts";
import type { Runs } from "./runs.ts";
import type { Sockets } from "./sockets.ts";

/** Asks the users of clients for input. */
export interface UserInput {
  /** Asks for the input that the main thread waits for. */
  ask(prompt: string, password: boolean, run: number | undefined): void;
  /** Asks for a line of the standard input of cells. */
  askLine(run: number): void;
  /** Passes on what a user has typed. */
  receive(value: string): void;
}

export interface InputDeps {
  sockets: Sockets;
  runs: Runs;
  /** Answers the request that the main thread waits for. */
  answer(reply: object): void;
  post(message: ToMainThread): void;
}

export function openUserInput({ sockets, runs, answer, post }: InputDeps): UserInput {
  /** The requests that have not been answered, in order: lines by their runs, "wait" if the main thread waits. */
  let open: (number | "wait")[] = [];

  /** Sends a request. Returns whether the client supports input. */
  const request = (prompt: string, password: boolean, run: number | undefined): boolean => {
    const parent = runs.parent(run);
    if (!parent?.content.allow_stdin) return false;
    sockets.send("stdin", "input_request", { prompt, password }, parent);
    return true;
  };

  return {
    ask(prompt, password, run) {
      const pending = runs.pending();
      open = [...open.filter((each) => each !== "wait" && pending.includes(each)), "wait"];
      if (request(prompt, password, run)) return;
      open.pop();
      answer({ error: "The client does not support input: it sent allow_stdin as false." });
    },
    askLine(run) {
      // A main thread that asks for a line waits for nothing.
      open = [run];
      if (request("", false, run)) return;
      open = [];
      post({ type: "line", line: undefined });
    },
    receive(value) {
      if (open.shift() === "wait") answer({ value });
      else post({ type: "line", line: value });
    },
  };
}
