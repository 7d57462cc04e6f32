import { type MappedScript, scriptLocation } from "../session/source-locations.ts";
import type { Inspector } from "./inspector.ts";
import type { DebugScript } from "./scripts.ts";

/** The `Breakpoint` of the Debug Adapter Protocol. */
export interface Breakpoint {
  verified: boolean;
  line: number;
  source: { path: string };
}

/**
 * The breakpoints of a debugging session, by source path. A breakpoint applies to every script compiled from its
 * source.
 */
export interface Breakpoints {
  /**
   * Replaces the breakpoints of a source. Each is moved to the next executable line.
   *
   * @param scripts the scripts compiled from the source so far
   * @param draft the script that the source would be compiled to now, if it is a cell
   */
  set(
    path: string,
    lines: number[],
    scripts: DebugScript[],
    draft: MappedScript | undefined,
  ): Promise<Breakpoint[]>;
  /** Sets the breakpoints in a script that has not run yet. */
  bind(script: DebugScript): Promise<void>;
  list(): { source: string; breakpoints: Breakpoint[] }[];
}

export function openBreakpoints(post: Inspector["post"]): Breakpoints {
  const bySource = new Map<string, Breakpoint[]>();
  /** The ids of V8's breakpoints, by script URL. */
  const idsByUrl = new Map<string, string[]>();
  let lastBinding: Promise<unknown> = Promise.resolve();

  const removeAll = async (url: string) => {
    const ids = idsByUrl.get(url) ?? [];
    idsByUrl.delete(url);
    for (const breakpointId of ids) await post("Debugger.removeBreakpoint", { breakpointId });
  };

  const replaceAll = async ({ url, path, script }: DebugScript) => {
    await removeAll(url);
    const ids: string[] = [];
    idsByUrl.set(url, ids);
    const locations = (bySource.get(path) ?? []).flatMap(
      ({ line }) => scriptLocation(script, line)?.location ?? [],
    );
    const distinct = new Map(locations.map((location) => [`${location.line}:${location.column}`, location]));
    for (const { line, column } of distinct.values()) {
      const request = { url, lineNumber: line - 1, columnNumber: column - 1 };
      ids.push((await post("Debugger.setBreakpointByUrl", request)).breakpointId);
    }
  };

  /** Bindings are made one after the other, so that those of overlapping requests do not mix. */
  const bind = (script: DebugScript): Promise<void> => {
    const bound = lastBinding.then(() => replaceAll(script));
    lastBinding = bound.catch(() => {});
    return bound;
  };

  return {
    async set(path, lines, scripts, draft) {
      const script = draft ?? scripts.at(-1)?.script;
      const breakpoints = lines.map((line): Breakpoint => {
        const found = script && scriptLocation(script, line);
        return { verified: found !== undefined, line: found?.line ?? line, source: { path } };
      });
      if (lines.length > 0) bySource.set(path, breakpoints);
      else bySource.delete(path);
      for (const each of scripts) await bind(each);
      return breakpoints;
    },
    bind: async (script) => {
      if (bySource.has(script.path) || idsByUrl.has(script.url)) await bind(script);
    },
    list: () => [...bySource].map(([source, breakpoints]) => ({ source, breakpoints })),
  };
}
