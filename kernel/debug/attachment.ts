import { type Breakpoints, openBreakpoints } from "./breakpoints.ts";
import { type Inspection, openInspection } from "./inspect.ts";
import { type Inspector, openInspector } from "./inspector.ts";
import type { Scripts } from "./scripts.ts";
import { openStops, type Stops } from "./stops.ts";

/** A debugger that is attached to the thread that runs cells. */
export interface Attachment extends Stops, Inspection {
  post: Inspector["post"];
  breakpoints: Breakpoints;
  /** Takes the debugger away: what stood still goes on. */
  detach(): Promise<void>;
}

/** How many waiting async functions a stack shows. */
const asyncDepth = 8;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Attaches the engine's debugger. Steps pass by Node's own code and the kernel's script `own`.
 *
 * @throws where the thread is in native code and does not answer
 */
export async function attach(
  own: string,
  scripts: Scripts,
  names: () => ReadonlySet<string>,
  emit: (event: string, body: object) => void,
): Promise<Attachment> {
  const inspector = openInspector(
    (event) => stops.paused(event),
    () => {
      if (stops.frames()) inspection.forget();
      stops.resumed();
    },
  );
  const { post } = inspector;
  const stops = openStops(post, scripts, emit);
  const inspection = openInspection(post, names);
  try {
    await post("Debugger.enable");
    await post("Debugger.setBlackboxPatterns", { patterns: ["^node:", `^${escaped(own)}$`] });
    await post("Debugger.setAsyncCallStackDepth", { maxDepth: asyncDepth });
  } catch (error) {
    inspector.close();
    throw error;
  }
  return {
    ...stops,
    ...inspection,
    post,
    breakpoints: openBreakpoints(inspector),
    async detach() {
      await post("Debugger.disable").catch(() => {});
      stops.resumed();
      inspector.close();
    },
  };
}
