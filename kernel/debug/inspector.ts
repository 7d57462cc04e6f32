import { Session } from "node:inspector";
import type { Content } from "../protocol/wire.ts";
import type { Paused } from "./frames.ts";

/** How long the cells' thread may take to answer, in milliseconds. */
const patience = 5000;

/** Who hears that the program stops and goes on. */
export interface Listener {
  paused(event: Paused): void;
  resumed(): void;
}

/** The engine's own debugger on the cells' thread, which answers also while that thread computes or stands still. */
export interface Inspector {
  /** Rejects where the engine refuses, or where the thread does not answer in time: it is in native code. */
  // biome-ignore lint/suspicious/noExplicitAny: the result's shape depends on the method
  post(method: string, parameters?: Content): Promise<any>;
  /** Tells `listener` of the program from now on, and nobody else. */
  listen(listener: Listener | undefined): void;
  close(): void;
}

/**
 * Connects to the main thread from another when that is first needed, and stays connected until it is closed: what
 * is asked later comes later, whoever asks. No port is opened.
 */
export function openInspector(): Inspector {
  const urls = new Map<string, string>();
  let session: Session | undefined;
  let heard: Listener | undefined;

  const connect = (): Session => {
    const fresh = new Session();
    fresh.connectToMainThread();
    fresh.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
      if (url) urls.set(scriptId, url);
    });
    fresh.on("Debugger.paused", ({ params }) => {
      // The engine leaves the frames' own urls empty.
      for (const frame of params.callFrames) frame.url = urls.get(frame.location.scriptId) ?? "";
      heard?.paused(params);
    });
    fresh.on("Debugger.resumed", () => heard?.resumed());
    return fresh;
  };

  return {
    post: (method, parameters = {}) =>
      new Promise((resolve, reject) => {
        session ??= connect();
        const late = () => reject(new Error("The thread that runs cells does not answer now."));
        const timer = setTimeout(late, patience);
        session.post(method, parameters, (error, result) => {
          clearTimeout(timer);
          if (error) reject(new Error((error as Error).message));
          else resolve(result);
        });
      }),
    listen(listener) {
      heard = listener;
      urls.clear();
    },
    close() {
      session?.disconnect();
      session = undefined;
    },
  };
}
