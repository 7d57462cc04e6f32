import type { Content } from "../protocol/wire.ts";
import {
  type Asked,
  type Frame,
  framesOf,
  type Paused,
  type Standing,
  standingOf,
  stopOf,
} from "./frames.ts";
import type { Inspector } from "./inspector.ts";
import { thread } from "./messages.ts";
import type { Scripts } from "./scripts.ts";

/** What the client can ask for to make the program go on, by the engine's names. */
export const steps = {
  next: "Debugger.stepOver",
  stepIn: "Debugger.stepInto",
  stepOut: "Debugger.stepOut",
} as const;

/** Whether and where the program stands still. */
export interface Stops {
  /** The stack, if it stands still. */
  frames(): Frame[] | undefined;
  paused(event: Paused): void;
  resumed(): void;
  /** Goes on to the next step. */
  step(command: keyof typeof steps): Promise<void>;
  /** Stops at the next statement that someone wrote. */
  pause(): Promise<void>;
  continue(): Promise<void>;
}

/** The program goes on. `emit` tells the client of each stop and of its end. */
export function openStops(
  post: Inspector["post"],
  scripts: Scripts,
  emit: (event: string, body: Content) => void,
): Stops {
  let frames: Frame[] | undefined;
  let here: Standing | undefined;
  let asked: Asked | undefined;

  const go = async (method: string) => {
    await post(method);
  };

  return {
    frames: () => frames,
    paused(event) {
      const stop = stopOf(event, asked, scripts);
      if (!stop) {
        go(asked?.method ?? "Debugger.resume").catch(() => {});
        return;
      }
      asked = undefined;
      frames = framesOf(event, scripts);
      here = standingOf(event, scripts);
      emit("stopped", { ...stop, threadId: thread.id, allThreadsStopped: true });
    },
    resumed() {
      if (!frames) return;
      frames = undefined;
      emit("continued", { threadId: thread.id, allThreadsContinued: true });
    },
    step(command) {
      // Out of a function, its caller may stand in code that the kernel added: from there the way is over it.
      const method = command === "stepIn" ? steps.stepIn : steps.next;
      asked = { kind: "step", method, from: command === "stepIn" ? here : undefined };
      return go(steps[command]);
    },
    pause() {
      asked = { kind: "pause", method: steps.stepIn };
      return go("Debugger.pause");
    },
    continue() {
      asked = undefined;
      return go("Debugger.resume");
    },
  };
}
