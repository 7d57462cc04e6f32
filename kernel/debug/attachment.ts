import type { LoadedScript } from "../evaluate/stack-traces.ts";
import { type Breakpoints, openBreakpoints } from "./breakpoints.ts";
import { debuggee } from "./expression.ts";
import type { Inspector } from "./inspector.ts";
import { openScripts, type Scripts } from "./scripts.ts";
import { openStops, type Stops } from "./stops.ts";
import { type Inspection, objectGroups, openInspection } from "./variable-inspection.ts";

/** The state of a debugger that is attached to the main thread. */
export interface Attachment extends Stops, Inspection {
  post: Inspector["post"];
  scripts: Scripts;
  breakpoints: Breakpoints;
  /** Detaches the debugger. A paused thread continues. */
  detach(): Promise<void>;
}

/** What a debugger is attached to. */
export interface DebugTarget {
  /** The notebook's folder. */
  folder: string;
  /** The URL of the kernel's script on the main thread. */
  kernelScript: string;
  /** The names of the session variables. */
  names(): ReadonlySet<string>;
}

/** Maximum number of awaiting async functions in a stack trace. */
const asyncStackDepth = 8;

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Attaches V8's debugger to the main thread. Stepping skips Node's own code and the kernel's. `emit` sends an event to
 * the client.
 *
 * @throws if the main thread does not respond because it is in native code
 */
export async function attach(
  inspector: Inspector,
  { folder, kernelScript, names }: DebugTarget,
  emit: (event: string, body: object) => void,
): Promise<Attachment> {
  const { post } = inspector;
  const scripts = openScripts(folder, kernelScript);
  const stops = openStops(post, scripts, emit);
  const inspection = openInspection(post, names);
  const detach = async () => {
    for (const objectGroup of objectGroups)
      post("Runtime.releaseObjectGroup", { objectGroup }).catch(() => {});
    // Also removes all breakpoints, and resumes a paused thread.
    await post("Debugger.disable").catch(() => {});
    stops.onResumed();
    inspector.listen(undefined);
  };

  const request = { expression: `${debuggee}.scripts()`, returnByValue: true };
  for (const script of (await post("Runtime.evaluate", request)).result.value as LoadedScript[]) {
    const { url, file, source } = script;
    if (source !== undefined) scripts.addCell(url, { ...script, source });
    else if (file !== undefined) scripts.addModule(url, file, script);
  }
  inspector.listen({
    onPaused: stops.onPaused,
    onResumed() {
      if (stops.frames()) inspection.releaseStop();
      stops.onResumed();
    },
  });
  try {
    await post("Debugger.enable");
    const patterns = ["^node:", `^${escapeRegExp(kernelScript)}$`];
    await post("Debugger.setBlackboxPatterns", { patterns });
    await post("Debugger.setAsyncCallStackDepth", { maxDepth: asyncStackDepth });
  } catch (error) {
    await detach();
    throw error;
  }
  return { ...stops, ...inspection, post, scripts, breakpoints: openBreakpoints(post), detach };
}
