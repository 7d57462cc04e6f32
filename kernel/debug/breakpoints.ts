import { type Mapped, scriptPlace } from "../session/source-locations.ts";
import type { Inspector } from "./inspector.ts";
import type { Known } from "./scripts.ts";

/** A breakpoint as the Debug Adapter Protocol tells it. */
export interface Breakpoint {
  verified: boolean;
  line: number;
  source: { path: string };
}

/** The breakpoints of a debugging session, by the paths of sources. They hold for every script made of a source. */
export interface Breakpoints {
  /**
   * Replaces the breakpoints of a source. `scripts` are those that were made of it so far, `draft` what would be
   * made of it now. Each goes to the next line that does something.
   */
  set(path: string, lines: number[], scripts: Known[], draft: Mapped | undefined): Promise<Breakpoint[]>;
  /** Sets the breakpoints of its source in a script that has not run yet. */
  bind(known: Known): Promise<void>;
  list(): { source: string; breakpoints: Breakpoint[] }[];
}

/** No breakpoints yet. */
export function openBreakpoints(post: Inspector["post"]): Breakpoints {
  const wanted = new Map<string, Breakpoint[]>();
  const set = new Map<string, string[]>();
  let before: Promise<unknown> = Promise.resolve();

  const remove = async (url: string) => {
    const ids = set.get(url) ?? [];
    set.delete(url);
    for (const breakpointId of ids) await post("Debugger.removeBreakpoint", { breakpointId });
  };

  const replace = async ({ url, path, script }: Known) => {
    await remove(url);
    const ids: string[] = [];
    set.set(url, ids);
    const places = (wanted.get(path) ?? []).flatMap(({ line }) => scriptPlace(script, line)?.place ?? []);
    const distinct = new Map(places.map((place) => [`${place.line}:${place.column}`, place]));
    for (const { line, column } of distinct.values()) {
      const where = { url, lineNumber: line - 1, columnNumber: column - 1 };
      ids.push((await post("Debugger.setBreakpointByUrl", where)).breakpointId);
    }
  };

  /** One after the other: what a request sets must not outlast the next one's. */
  const bind = (known: Known): Promise<void> => {
    const bound = before.then(() => replace(known));
    before = bound.catch(() => {});
    return bound;
  };

  return {
    async set(path, lines, scripts, draft) {
      const script = draft ?? scripts.at(-1)?.script;
      const breakpoints = lines.map((line): Breakpoint => {
        const found = script && scriptPlace(script, line);
        return { verified: found !== undefined, line: found?.line ?? line, source: { path } };
      });
      if (lines.length > 0) wanted.set(path, breakpoints);
      else wanted.delete(path);
      for (const known of scripts) await bind(known);
      return breakpoints;
    },
    bind: async (known) => {
      if (wanted.has(known.path) || set.has(known.url)) await bind(known);
    },
    list: () => [...wanted].map(([source, breakpoints]) => ({ source, breakpoints })),
  };
}
