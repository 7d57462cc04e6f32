import { Session } from "node:inspector";
import type { Content } from "../shared/content.ts";
import type { PausedEvent } from "./frames.ts";

/** Time within which the main thread must respond, in ms. */
const responseTimeout = 5000;

/** Receives the pauses of the main thread. */
export interface PauseListener {
  onPaused(event: PausedEvent): void;
  onResumed(): void;
}

/** An inspector session with the main thread. It responds even while that thread is busy or paused. */
export interface Inspector {
  /** Calls a method of the inspector protocol. Rejects if it fails, or if the thread is in native code for too long. */
  // biome-ignore lint/suspicious/noExplicitAny: the result's shape depends on the method
  post(method: string, parameters?: Content): Promise<any>;
  /** Sets the listener, replacing the previous one. */
  listen(listener: PauseListener | undefined): void;
  close(): void;
}

/** Creates the inspector. It connects on the first call, without opening a port, and stays connected until closed. */
export function openInspector(): Inspector {
  const urlsByScriptId = new Map<string, string>();
  let session: Session | undefined;
  let pauseListener: PauseListener | undefined;

  const connect = (): Session => {
    const connected = new Session();
    connected.connectToMainThread();
    connected.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
      if (url) urlsByScriptId.set(scriptId, url);
    });
    connected.on("Debugger.paused", ({ params }) => {
      // V8 leaves `url` empty.
      for (const frame of params.callFrames) frame.url = urlsByScriptId.get(frame.location.scriptId) ?? "";
      pauseListener?.onPaused(params);
    });
    connected.on("Debugger.resumed", () => pauseListener?.onResumed());
    return connected;
  };

  return {
    post: (method, parameters = {}) =>
      new Promise((resolve, reject) => {
        session ??= connect();
        const onTimeout = () =>
          reject(new Error("The thread that runs cells does not respond: it may be in native code."));
        const timer = setTimeout(onTimeout, responseTimeout);
        session.post(method, parameters, (error, result) => {
          clearTimeout(timer);
          if (error) reject(new Error((error as Error).message));
          else resolve(result);
        });
      }),
    listen(listener) {
      pauseListener = listener;
      urlsByScriptId.clear();
    },
    close() {
      session?.disconnect();
      session = undefined;
    },
  };
}
