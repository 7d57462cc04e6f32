import {
  type Frame,
  type PausedEvent,
  type PausePosition,
  type PendingStop,
  pausePosition,
  stopReason,
  userFrames,
} from "./frames.ts";
import type { Inspector } from "./inspector.ts";
import { mainThread } from "./messages.ts";
import type { Scripts } from "./scripts.ts";

/** The inspector methods for the commands that control execution. */
const methods = {
  continue: "Debugger.resume",
  pause: "Debugger.pause",
  next: "Debugger.stepOver",
  stepIn: "Debugger.stepInto",
  stepOut: "Debugger.stepOut",
};

export type ExecutionCommand = keyof typeof methods;

/** The stops of the main thread, as clients see them. */
export interface Stops {
  /** The stack, if execution is stopped. */
  frames(): Frame[] | undefined;
  /** Handles a pause of V8: stops, or continues if it is not a stop for the client. */
  onPaused(event: PausedEvent): void;
  onResumed(): void;
  /**
   * Continues, steps or pauses.
   *
   * @throws if execution is not stopped and the command is not "pause"
   */
  execute(command: ExecutionCommand): Promise<void>;
}

/** The stop to expect after a command; none after "continue". */
function pendingStop(
  command: ExecutionCommand,
  position: PausePosition | undefined,
): PendingStop | undefined {
  if (command === "continue") return undefined;
  if (command === "pause") return { kind: "pause", method: methods.stepIn };
  if (command === "stepIn") return { kind: "step", method: methods.stepIn, from: position };
  // A step out may end in the kernel's wrapper code, which is left by stepping over it.
  return { kind: "step", method: methods.next };
}

/** Creates the tracking of stops. `emit` sends an event to the client. */
export function openStops(
  post: Inspector["post"],
  scripts: Scripts,
  emit: (event: string, body: object) => void,
): Stops {
  let frames: Frame[] | undefined;
  let position: PausePosition | undefined;
  let pending: PendingStop | undefined;

  return {
    frames: () => frames,
    onPaused(event) {
      const reason = stopReason(event, pending, scripts);
      if (!reason) {
        // A step ends when no user code is left on the stack.
        if (userFrames(event, scripts).length === 0 && pending?.kind === "step") pending = undefined;
        post(pending?.method ?? methods.continue).catch(() => {});
        return;
      }
      pending = undefined;
      frames = userFrames(event, scripts);
      position = pausePosition(event, scripts);
      emit("stopped", { ...reason, threadId: mainThread.id, allThreadsStopped: true });
    },
    onResumed() {
      if (!frames) return;
      frames = undefined;
      emit("continued", { threadId: mainThread.id, allThreadsContinued: true });
    },
    async execute(command) {
      if (!frames && command !== "pause")
        throw new Error(`Execution is not stopped: set a breakpoint or pause before "${command}".`);
      pending = pendingStop(command, position);
      await post(methods[command]);
    },
  };
}
