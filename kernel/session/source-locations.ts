import { eachMapping, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Script } from "../protocol/thread-messages.ts";
import { children, type Node } from "./bindings.ts";
import { madeOffset, offsetOf, originalOffset, positionOf } from "./edits.ts";
import { parseModule } from "./parser.ts";

/** A script with its source map, which is parsed when first needed. */
export interface Mapped extends Script {
  traced?: TraceMap;
}

/** A line and a column, both from 1. */
export interface Place {
  line: number;
  column: number;
}

const tracedOf = (script: Mapped, map: string): TraceMap => {
  script.traced ??= new TraceMap(map);
  return script.traced;
};

/** The engine tells calls of what stands in for a name by their bracket, others by their name. */
function calledOffset({ code, pieces }: Script, offset: number): number {
  const isReplaced = pieces.some(([made, kept], index) => {
    const [, before, length] = pieces[index - 1] ?? [0, kept, 0];
    return made === offset && before + length < kept;
  });
  return isReplaced && code[offset] === "(" ? offset - 1 : offset;
}

/** The place in the source of a place in a script. */
export function sourcePlace(script: Mapped, { line, column }: Place): Place | undefined {
  const made = calledOffset(script, offsetOf(script.code, line - 1, column - 1));
  const offset = originalOffset(script.pieces, made);
  const place = positionOf(script.emitted, offset);
  if (script.map === undefined) return { line: place.line + 1, column: place.column + 1 };
  const traced = tracedOf(script, script.map);
  const found = originalPositionFor(traced, { line: place.line + 1, column: place.column });
  return found.line === null ? undefined : { line: found.line, column: found.column + 1 };
}

/** Whether a place of a script lies before or after all that its source became: in what the kernel added. */
export function isAdded({ code, pieces }: Script, { line, column }: Place): boolean {
  const offset = offsetOf(code, line - 1, column - 1);
  const [first, last] = [pieces[0], pieces.at(-1)];
  return !first || !last || offset < first[0] || offset >= last[0] + last[2];
}

/** Where something begins in the JavaScript of a script: the line of the source (from 1), and the offset. */
function beginnings(script: Mapped): { line: number; offset: number }[] {
  const found: { line: number; offset: number }[] = [];
  const { emitted } = script;
  if (script.map === undefined) {
    const visit = (node: Node) => {
      found.push({ line: positionOf(emitted, node.start).line + 1, offset: node.start });
      children(node).forEach(visit);
    };
    children(parseModule(emitted)).forEach(visit);
  } else
    eachMapping(tracedOf(script, script.map), ({ originalLine, generatedLine, generatedColumn }) => {
      if (originalLine === null) return;
      found.push({ line: originalLine, offset: offsetOf(emitted, generatedLine - 1, generatedColumn) });
    });
  return found;
}

/** Where a script first does what a line of its source says, or else the next line that does something. */
export function scriptPlace(script: Mapped, line: number): { line: number; place: Place } | undefined {
  let best: { line: number; offset: number } | undefined;
  for (const each of beginnings(script)) {
    if (each.line < line || (best && each.line > best.line)) continue;
    const offset = madeOffset(script.pieces, each.offset);
    if (offset === undefined) continue;
    if (!best || each.line < best.line || offset < best.offset) best = { line: each.line, offset };
  }
  if (!best) return undefined;
  const place = positionOf(script.code, best.offset);
  return { line: best.line, place: { line: place.line + 1, column: place.column + 1 } };
}
