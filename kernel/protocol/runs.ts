import type { Outcome, ToMainThread } from "../shared/thread-messages.ts";
import type { Message } from "./wire.ts";

/** What the main thread handles: cells, and comm messages that arrive while it waits for a cell. */
export interface Runs {
  /** Posts a message for a request to the main thread, and waits until it is handled. */
  start(request: Message, message: (id: number) => ToMainThread): Promise<Outcome>;
  /** Reports that the main thread has finished a run. */
  done(id: number, outcome: Outcome): void;
  /** Gives an outcome to the runs that have none yet, and interrupts those that are started later: the process ends. */
  end(outcome: Outcome): void;
  /** Whether `end` has been called. */
  isEnding(): boolean;
  /** The ids of the runs that have no outcome yet, in order. */
  pending(): number[];
  /** Makes a request the last one. */
  begin(request: Message): void;
  /** The parent message of a run's output; by default, or for an old run, the last request. */
  parent(run?: number): Message | undefined;
  /** Whether the output of a run (default: the last request) is published, i.e. its request is not silent. */
  isShown(run?: number): boolean;
}

/** Number of runs whose request is kept, as the parent of late output. */
const keptRuns = 1000;

export const isSilent = (request: Message | undefined): boolean => request?.content.silent === true;

/** The parts of a request that the output of its run needs. */
const withoutCode = (request: Message): Message => {
  const { silent, allow_stdin } = request.content;
  return { ...request, content: { silent, allow_stdin }, buffers: [] };
};

/** Creates the runs. `ready` resolves once messages can be posted to the main thread. */
export function openRuns(ready: () => Promise<void>, post: (message: ToMainThread) => void): Runs {
  const pending = new Map<number, (outcome: Outcome) => void>();
  const requests = new Map<number, Message>();
  let last: Message | undefined;
  let lastId = 0;
  let isEnding = false;
  const parent = (run?: number) => requests.get(run ?? -1) ?? last;
  const done = (id: number, outcome: Outcome) => {
    pending.get(id)?.(outcome);
    pending.delete(id);
  };
  return {
    async start(request, message) {
      await ready();
      if (isEnding) return { interrupted: true };
      lastId += 1;
      const id = lastId;
      requests.set(id, withoutCode(request));
      requests.delete(id - keptRuns);
      return new Promise((resolve) => {
        pending.set(id, resolve);
        post(message(id));
      });
    },
    done,
    end(outcome) {
      isEnding = true;
      for (const id of [...pending.keys()]) done(id, outcome);
    },
    isEnding: () => isEnding,
    pending: () => [...pending.keys()],
    begin(request) {
      last = request;
    },
    parent,
    isShown: (run) => !isSilent(parent(run)),
  };
}
