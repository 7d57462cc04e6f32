import type { Ran } from "../evaluate/stack-traces.ts";
import { type Breakpoints, openBreakpoints } from "./breakpoints.ts";
import { debuggee } from "./expression.ts";
import { type Inspection, objectGroups, openInspection } from "./variable-inspection.ts";
import type { Inspector } from "./inspector.ts";
import { keepScripts, type Scripts } from "./scripts.ts";
import { openStops, type Stops } from "./stops.ts";

/** A debugger that is attached to the thread that runs cells. */
export interface Attachment extends Stops, Inspection {
  post: Inspector["post"];
  scripts: Scripts;
  breakpoints: Breakpoints;
  /** Takes the debugger away: what stood still goes on. */
  detach(): Promise<void>;
}

/** What a debugger is attached to. */
export interface Target {
  /** The notebook's folder. */
  folder: string;
  /** The kernel's script on the cells' thread, as the engine names it. */
  own: string;
  /** The names of the session. */
  names(): ReadonlySet<string>;
}

/** How many waiting async functions a stack shows. */
const asyncDepth = 8;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Attaches the engine's debugger. Steps pass by Node's own code and the kernel's. `emit` tells the client.
 *
 * @throws where the thread is in native code and does not answer
 */
export async function attach(
  inspector: Inspector,
  { folder, own, names }: Target,
  emit: (event: string, body: object) => void,
): Promise<Attachment> {
  const { post } = inspector;
  const scripts = keepScripts(folder, own);
  const stops = openStops(post, scripts, emit);
  const inspection = openInspection(post, names);
  /** Leaves nothing behind: the engine forgets breakpoints and objects, and what stood still goes on. */
  const detach = async () => {
    for (const objectGroup of objectGroups)
      post("Runtime.releaseObjectGroup", { objectGroup }).catch(() => {});
    await post("Debugger.disable").catch(() => {});
    stops.resumed();
    inspector.listen(undefined);
  };

  const ran = { expression: `${debuggee}.scripts()`, returnByValue: true };
  for (const script of (await post("Runtime.evaluate", ran)).result.value as Ran[]) {
    const { url, file, source } = script;
    if (source !== undefined) scripts.addCell(url, { ...script, source });
    else if (file !== undefined) scripts.addModule(url, file, script);
  }
  inspector.listen({
    paused: stops.paused,
    resumed() {
      if (stops.frames()) inspection.forget();
      stops.resumed();
    },
  });
  try {
    await post("Debugger.enable");
    await post("Debugger.setBlackboxPatterns", { patterns: ["^node:", `^${escaped(own)}$`] });
    await post("Debugger.setAsyncCallStackDepth", { maxDepth: asyncDepth });
  } catch (error) {
    await detach();
    throw error;
  }
  return { ...stops, ...inspection, post, scripts, breakpoints: openBreakpoints(post), detach };
}
