import { Session } from "node:inspector";
import type { Content } from "../protocol/wire.ts";
import type { Paused } from "./frames.ts";

/** How long the cells' thread may take to answer, in milliseconds. */
const patience = 5000;

/** The engine's own debugger on the cells' thread, which answers also while that thread computes or stands still. */
export interface Inspector {
  /** Rejects where the engine refuses, or where the thread does not answer in time: it is in native code. */
  // biome-ignore lint/suspicious/noExplicitAny: the result's shape depends on the method
  post(method: string, parameters?: Content): Promise<any>;
  close(): void;
}

/** Connects to the main thread from another. No port is opened. */
export function openInspector(paused: (event: Paused) => void, resumed: () => void): Inspector {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
    if (url) urls.set(scriptId, url);
  });
  session.on("Debugger.paused", ({ params }) => {
    // The engine leaves the frames' own urls empty.
    for (const frame of params.callFrames) frame.url = urls.get(frame.location.scriptId) ?? "";
    paused(params);
  });
  session.on("Debugger.resumed", resumed);
  return {
    post: (method, parameters = {}) =>
      new Promise((resolve, reject) => {
        const late = () => reject(new Error("The thread that runs cells does not answer now."));
        const timer = setTimeout(late, patience);
        session.post(method, parameters, (error, result) => {
          clearTimeout(timer);
          if (error) reject(new Error((error as Error).message));
          else resolve(result);
        });
      }),
    close: () => session.disconnect(),
  };
}
