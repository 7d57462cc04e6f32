import type { Debugger, Runtime } from "node:inspector";
import { describe, expect, test } from "vitest";
import { type PausedEvent, scopesOf, stopReason, userFrames } from "../../../kernel/debug/frames.ts";
import { cellPath, openScripts } from "../../../kernel/debug/scripts.ts";
import { emit } from "../../../kernel/session/emit.ts";
import { rewriteCell } from "../../../kernel/session/rewrite.ts";

const kernelScript = "file:///kernel/main.mjs";
const source = "const a = 1;\nfunction f(): number {\n  return a;\n}\nf();\n";

/** The scripts of a session in which one cell ran, and the code of that cell. */
async function testScripts() {
  const scripts = openScripts("/project", kernelScript);
  const emitted = await emit(source, "cell.ts");
  if ("errors" in emitted) throw new Error(emitted.errors[0].message);
  const { code, segments } = rewriteCell(emitted.code, new Set());
  scripts.addCell("Cell [1]", { code, segments, emitted: emitted.code, map: emitted.map, source });
  return { scripts, code };
}

/** A call frame at the first occurrence of a text in a script. */
function frameAt(url: string, code: string, text: string, more: Partial<Debugger.CallFrame> = {}) {
  const index = code.indexOf(text);
  const lineNumber = code.slice(0, index).split("\n").length - 1;
  const columnNumber = index - (code.lastIndexOf("\n", index - 1) + 1);
  return {
    callFrameId: "0",
    functionName: "",
    url,
    location: { scriptId: "1", lineNumber, columnNumber },
    functionLocation: { scriptId: "1", lineNumber: 0, columnNumber: 0 },
    scopeChain: [],
    this: { type: "undefined" } as const,
    ...more,
  };
}

const pausedEvent = (callFrames: Debugger.CallFrame[], more: Partial<PausedEvent> = {}): PausedEvent => ({
  callFrames,
  reason: "other",
  ...more,
});

describe("the stack", () => {
  test("has the frames of cells, modules and packages, at their locations in the sources", async () => {
    const { scripts, code } = await testScripts();
    const event = pausedEvent([
      frameAt("Cell [1]", code, "return a", { functionName: "f" }),
      frameAt("file:///project/node_modules/p/index.js", "\n\n  x", "x", { functionName: "each" }),
      frameAt("node:internal/timers", "x", "x"),
      frameAt("Cell [1]", code, "return { __proto__: null, value: (f"),
      frameAt(kernelScript, "x", "x"),
    ]);
    const frames = userFrames(event, scripts).map(({ function: name, path, line, column }) => [
      name,
      path,
      line,
      column,
    ]);
    expect(frames).toEqual([
      ["f", cellPath(source), 3, 3],
      ["each", "/project/node_modules/p/index.js", 3, 3],
      ["Cell [1]", cellPath(source), 5, 1],
    ]);
  });

  test("includes awaiting async functions", async () => {
    const { scripts, code } = await testScripts();
    const callFrame = {
      functionName: "load",
      scriptId: "2",
      url: "file:///project/p.js",
      lineNumber: 6,
      columnNumber: 2,
    };
    const asyncStackTrace: Runtime.StackTrace = {
      callFrames: [{ ...callFrame, url: kernelScript }],
      parent: { callFrames: [callFrame] },
    };
    const event = pausedEvent([frameAt("Cell [1]", code, "return a", { functionName: "f" })], {
      asyncStackTrace,
    });
    expect(userFrames(event, scripts).at(-1)).toMatchObject({ function: "async load", line: 7 });
  });
});

describe("a pause of V8", () => {
  const step = { kind: "step", method: "Debugger.stepInto" } as const;

  test("is a stop at breakpoints, errors and debugger statements and after steps, with the reason", async () => {
    const { scripts, code } = await testScripts();
    const here = [frameAt("Cell [1]", code, "return a")];
    const error = { description: "RangeError: no\n    at f" };
    expect(stopReason(pausedEvent(here, { hitBreakpoints: ["1"] }), step, scripts)).toEqual({
      reason: "breakpoint",
    });
    expect(
      stopReason(pausedEvent(here, { reason: "exception", data: error }), undefined, scripts),
    ).toMatchObject({
      reason: "exception",
      text: "RangeError: no",
    });
    expect(stopReason(pausedEvent(here), undefined, scripts)?.description).toMatch(/debugger statement/);
    expect(stopReason(pausedEvent(here), step, scripts)).toEqual({ reason: "step" });
    expect(stopReason(pausedEvent(here), { ...step, kind: "pause" }, scripts)).toEqual({ reason: "pause" });
  });

  test("is not a stop in code of the kernel", async () => {
    const { scripts, code } = await testScripts();
    const cell = frameAt("Cell [1]", code, "return { __proto__: null, value: (f");
    expect(
      stopReason(pausedEvent([frameAt("Cell [1]", code, "__cell.define"), cell]), step, scripts),
    ).toBeUndefined();
    expect(stopReason(pausedEvent([frameAt(kernelScript, "x", "x")]), undefined, scripts)).toBeUndefined();
    const returning = { ...cell, returnValue: { type: "object" } as const };
    expect(stopReason(pausedEvent([returning]), step, scripts)).toBeUndefined();
  });

  test("is not a stop between a step in and the call to enter", async () => {
    const { scripts, code } = await testScripts();
    const [statement, call] = [
      frameAt("Cell [1]", code, "return { __proto__: null, value: (f"),
      frameAt("Cell [1]", code, "f()) }"),
    ];
    const from = { url: "Cell [1]", line: 5, location: statement.location, depth: 1 };
    expect(stopReason(pausedEvent([call]), { ...step, from }, scripts)).toBeUndefined();
    expect(stopReason(pausedEvent([call, statement]), { ...step, from }, scripts)).toEqual({
      reason: "step",
    });
    expect(
      stopReason(pausedEvent([statement]), { ...step, from: { ...from, location: call.location } }, scripts),
    ).toBeDefined();
  });
});

test("the scopes are those of the function and its blocks, then those of enclosing functions", () => {
  const scope = (type: Debugger.Scope["type"]) => ({
    type,
    object: { type: "object" as const, objectId: type },
  });
  const scopeChain = (["block", "local", "closure", "module", "global"] as const).map(scope);
  const scopes = scopesOf(frameAt("Cell [1]", "x", "x", { scopeChain }));
  expect(scopes.map(({ name, objects }) => [name, objects.map(({ objectId }) => objectId)])).toEqual([
    ["Locals", ["block", "local"]],
    ["Closure", ["closure", "module"]],
  ]);
});
