import { eachMapping, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Script } from "../protocol/bridge.ts";
import { madeOffset, offsetOf, originalOffset, positionOf } from "./edits.ts";

/** A script with its source map, which is parsed when first needed. */
export interface Mapped extends Script {
  traced?: TraceMap;
}

/** A line and a column, both from 1. */
export interface Place {
  line: number;
  column: number;
}

const tracedOf = (script: Mapped): TraceMap => {
  script.traced ??= new TraceMap(script.map);
  return script.traced;
};

/** The place in the source of a place in a script. */
export function sourcePlace(script: Mapped, { line, column }: Place): Place | undefined {
  const offset = originalOffset(script.pieces, offsetOf(script.code, line - 1, column - 1));
  const place = positionOf(script.emitted, offset);
  const found = originalPositionFor(tracedOf(script), { line: place.line + 1, column: place.column });
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 };
}

/** Whether a place of a script lies before or after all that its source became: in what the kernel added. */
export function isAdded({ code, pieces }: Script, { line, column }: Place): boolean {
  const offset = offsetOf(code, line - 1, column - 1);
  const [first, last] = [pieces[0], pieces.at(-1)];
  return !first || !last || offset < first[0] || offset >= last[0] + last[2];
}

/** Where a script first does what a line of its source says, or else the next line that does something. */
export function scriptPlace(script: Mapped, line: number): { line: number; place: Place } | undefined {
  let best: { line: number; offset: number } | undefined;
  eachMapping(tracedOf(script), ({ originalLine, generatedLine, generatedColumn }) => {
    if (originalLine === null || originalLine < line || (best && originalLine > best.line)) return;
    const offset = madeOffset(script.pieces, offsetOf(script.emitted, generatedLine - 1, generatedColumn));
    if (offset === undefined) return;
    if (!best || originalLine < best.line || offset < best.offset) best = { line: originalLine, offset };
  });
  if (!best) return undefined;
  const place = positionOf(script.code, best.offset);
  return { line: best.line, place: { line: place.line + 1, column: place.column + 1 } };
}
