import { eachMapping, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { generatedOffset, offsetOf, originalOffset, positionOf } from "../shared/edits.ts";
import type { Script } from "../shared/thread-messages.ts";
import { children, type Node } from "./bindings.ts";
import { parseModule } from "./parser.ts";

/** A script with its parsed source map, once it has been needed. */
export interface MappedScript extends Script {
  traceMap?: TraceMap;
}

/** A line and a column, both from 1. */
export interface Location {
  line: number;
  column: number;
}

const traceMapOf = (script: MappedScript, map: string): TraceMap => {
  script.traceMap ??= new TraceMap(map);
  return script.traceMap;
};

/**
 * V8 reports a call at the callee's name, but a call of `(0, __of_f.value)(…)` at the bracket. Returns the offset just
 * before the bracket in the latter case, so that it maps to the name that was replaced.
 */
function calleeOffset({ code, segments }: Script, offset: number): number {
  const followsReplacement = segments.some(([generated, original], index) => {
    const [, previous, length] = segments[index - 1] ?? [0, original, 0];
    return generated === offset && previous + length < original;
  });
  return followsReplacement && code[offset] === "(" ? offset - 1 : offset;
}

/** Maps a location in a script to its TypeScript source; undefined if the source map has no mapping for it. */
export function sourceLocation(script: MappedScript, { line, column }: Location): Location | undefined {
  const generated = calleeOffset(script, offsetOf(script.code, line - 1, column - 1));
  const emitted = positionOf(script.emitted, originalOffset(script.segments, generated));
  if (script.map === undefined) return { line: emitted.line + 1, column: emitted.column + 1 };
  const original = originalPositionFor(traceMapOf(script, script.map), {
    line: emitted.line + 1,
    column: emitted.column,
  });
  return original.line === null ? undefined : { line: original.line, column: original.column + 1 };
}

/** Whether a location in a script is in the wrapper that the kernel put around the source's code. */
export function isInWrapper({ code, segments }: Script, { line, column }: Location): boolean {
  const offset = offsetOf(code, line - 1, column - 1);
  const [first, last] = [segments[0], segments.at(-1)];
  return !first || !last || offset < first[0] || offset >= last[0] + last[2];
}

/** The source line (from 1) and the offset in the emitted JavaScript of everything that starts there. */
function startsOf(script: MappedScript): { line: number; offset: number }[] {
  const starts: { line: number; offset: number }[] = [];
  const { emitted } = script;
  if (script.map === undefined) {
    const visit = (node: Node) => {
      starts.push({ line: positionOf(emitted, node.start).line + 1, offset: node.start });
      children(node).forEach(visit);
    };
    children(parseModule(emitted)).forEach(visit);
  } else
    eachMapping(traceMapOf(script, script.map), ({ originalLine, generatedLine, generatedColumn }) => {
      if (originalLine === null) return;
      starts.push({ line: originalLine, offset: offsetOf(emitted, generatedLine - 1, generatedColumn) });
    });
  return starts;
}

/**
 * The first location in a script that belongs to a source line, or to the next executable line after it. Undefined if
 * there is none. `line` in the result is that line.
 */
export function scriptLocation(
  script: MappedScript,
  line: number,
): { line: number; location: Location } | undefined {
  let best: { line: number; offset: number } | undefined;
  for (const start of startsOf(script)) {
    if (start.line < line || (best && start.line > best.line)) continue;
    const offset = generatedOffset(script.segments, start.offset);
    if (offset === undefined) continue;
    if (!best || start.line < best.line || offset < best.offset) best = { line: start.line, offset };
  }
  if (!best) return undefined;
  const position = positionOf(script.code, best.offset);
  return { line: best.line, location: { line: position.line + 1, column: position.column + 1 } };
}
