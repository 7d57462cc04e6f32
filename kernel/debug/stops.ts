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

/** What clients ask of the program, by the engine's method for it. */
const methods = {
  continue: "Debugger.resume",
  pause: "Debugger.pause",
  next: "Debugger.stepOver",
  stepIn: "Debugger.stepInto",
  stepOut: "Debugger.stepOut",
};

export type Asking = keyof typeof methods;

/** Whether and where the program stands still. */
export interface Stops {
  /** The stack, if it stands still. */
  frames(): Frame[] | undefined;
  paused(event: Paused): void;
  resumed(): void;
  /** Makes the program go on, or stop at the next statement that someone wrote. */
  go(asking: Asking): Promise<void>;
}

/** What is to come of what a client asks. */
function askedOf(asking: Asking, from: Standing | undefined): Asked | undefined {
  if (asking === "continue") return undefined;
  if (asking === "pause") return { kind: "pause", method: methods.stepIn };
  if (asking === "stepIn") return { kind: "step", method: methods.stepIn, from };
  // A caller may stand in code that the kernel added: the way out of there is over it.
  return { kind: "step", method: methods.next };
}

/** The program goes on. `emit` tells the client of each stop and of its end. */
export function openStops(
  post: Inspector["post"],
  scripts: Scripts,
  emit: (event: string, body: object) => void,
): Stops {
  let frames: Frame[] | undefined;
  let here: Standing | undefined;
  let asked: Asked | undefined;

  return {
    frames: () => frames,
    paused(event) {
      const stop = stopOf(event, asked, scripts);
      if (!stop) {
        // A step that has left all that users wrote is over: there is nothing left to stop in.
        if (framesOf(event, scripts).length === 0 && asked?.kind === "step") asked = undefined;
        post(asked?.method ?? methods.continue).catch(() => {});
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
    async go(asking) {
      if (!frames && asking !== "pause")
        throw new Error(`The program does not stand still: set a breakpoint or pause it before "${asking}".`);
      asked = askedOf(asking, here);
      await post(methods[asking]);
    },
  };
}
