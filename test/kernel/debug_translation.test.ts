import type { Debugger, Runtime } from "node:inspector";
import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { evaluable, javaScript } from "../../kernel/debug/expression.ts";
import { framesOf, type Paused, scopesOf, stopOf } from "../../kernel/debug/frames.ts";
import { cellPath, keepScripts } from "../../kernel/debug/scripts.ts";
import { valueText, variablesOf } from "../../kernel/debug/values.ts";
import { emit } from "../../kernel/session/emit.ts";
import { rewriteCell } from "../../kernel/session/rewrite.ts";

const own = "file:///kernel/main.mjs";
const source = "const a = 1;\nfunction f(): number {\n  return a;\n}\nf();\n";

/** The scripts of a session in which one cell ran. */
async function scripts() {
  const kept = keepScripts("/project", own);
  const emitted = await emit(source, "cell.ts");
  if ("faults" in emitted) throw new Error("no TypeScript");
  const { code, pieces } = rewriteCell(emitted.code, new Set());
  kept.addCell("Cell [1]", { code, pieces, emitted: emitted.code, map: emitted.map, source });
  kept.addModule("file:///project/lib/m.ts", "/project/lib/m.ts", {
    ...emitted,
    emitted: emitted.code,
    pieces: [],
  });
  return { kept, code };
}

/** A frame of the engine's at the first place of a text in a script. */
function frame(url: string, code: string, text: string, more: Partial<Debugger.CallFrame> = {}) {
  const before = code.slice(0, code.indexOf(text)).split("\n");
  const location = { scriptId: "1", lineNumber: before.length - 1, columnNumber: before.at(-1)!.length };
  const none = { type: "undefined" } as const;
  const call = { callFrameId: "0", functionName: "", url, location, scopeChain: [], this: none };
  return { ...call, functionLocation: { scriptId: "1", lineNumber: 0, columnNumber: 0 }, ...more };
}

const paused = (callFrames: Debugger.CallFrame[], more: Partial<Paused> = {}): Paused => ({
  callFrames,
  reason: "other",
  ...more,
});

describe("frames", () => {
  test("are those of cells, modules and packages, in the lines of their sources", async () => {
    const { kept, code } = await scripts();
    const event = paused([
      frame("Cell [1]", code, "return a", { functionName: "f" }),
      frame("file:///project/node_modules/p/index.js", "\n\n  x", "x", { functionName: "each" }),
      frame("node:internal/timers", "x", "x"),
      frame("Cell [1]", code, "return [(f"),
      frame(own, "x", "x"),
    ]);
    const frames = framesOf(event, kept).map(({ function: name, path, line, column }) => [
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

  test("go on with the async functions that wait", async () => {
    const { kept, code } = await scripts();
    const at = {
      functionName: "load",
      scriptId: "2",
      url: "file:///project/p.js",
      lineNumber: 6,
      columnNumber: 2,
    };
    const asyncStackTrace: Runtime.StackTrace = {
      callFrames: [{ ...at, url: own }],
      parent: { callFrames: [at] },
    };
    const event = paused([frame("Cell [1]", code, "return a", { functionName: "f" })], { asyncStackTrace });
    expect(framesOf(event, kept).at(-1)).toMatchObject({ function: "async load", line: 7 });
  });
});

describe("the program stops", () => {
  const step = { kind: "step", method: "Debugger.stepInto" } as const;

  test("at breakpoints, errors, debugger statements and after steps, each with its reason", async () => {
    const { kept, code } = await scripts();
    const here = [frame("Cell [1]", code, "return a")];
    const error = { description: "RangeError: no\n    at f" };
    expect(stopOf(paused(here, { hitBreakpoints: ["1"] }), step, kept)).toEqual({ reason: "breakpoint" });
    expect(stopOf(paused(here, { reason: "exception", data: error }), undefined, kept)).toMatchObject({
      reason: "exception",
      text: "RangeError: no",
    });
    expect(stopOf(paused(here), undefined, kept)?.description).toMatch(/debugger statement/);
    expect(stopOf(paused(here), step, kept)).toEqual({ reason: "step" });
    expect(stopOf(paused(here), { ...step, kind: "pause" }, kept)).toEqual({ reason: "pause" });
  });

  test("neither in what the kernel added, nor where nobody wrote anything", async () => {
    const { kept, code } = await scripts();
    const cell = frame("Cell [1]", code, "return [(f");
    expect(stopOf(paused([frame("Cell [1]", code, "__cell.define"), cell]), step, kept)).toBeUndefined();
    expect(stopOf(paused([frame(own, "x", "x")]), undefined, kept)).toBeUndefined();
    const returning = { ...cell, returnValue: { type: "object" } as const };
    expect(stopOf(paused([returning]), step, kept)).toBeUndefined();
  });

  test("not before the call that a step is to enter", async () => {
    const { kept, code } = await scripts();
    const [statement, call] = [frame("Cell [1]", code, "return [(f"), frame("Cell [1]", code, "f())]")];
    const from = { url: "Cell [1]", line: 5, at: statement.location, depth: 1 };
    expect(stopOf(paused([call]), { ...step, from }, kept)).toBeUndefined();
    expect(stopOf(paused([call, statement]), { ...step, from }, kept)).toEqual({ reason: "step" });
    expect(
      stopOf(paused([statement]), { ...step, from: { ...from, at: call.location } }, kept),
    ).toBeDefined();
  });
});

test("scopes are what functions and blocks declare, then what they close over", () => {
  const scope = (type: Debugger.Scope["type"]) => ({
    type,
    object: { type: "object" as const, objectId: type },
  });
  const scopeChain = (["block", "local", "closure", "module", "global"] as const).map(scope);
  const scopes = scopesOf(frame("Cell [1]", "x", "x", { scopeChain }));
  expect(scopes.map(({ name, objects }) => [name, objects.map(({ objectId }) => objectId)])).toEqual([
    ["Locals", ["block", "local"]],
    ["Closure", ["closure", "module"]],
  ]);
});

describe("values", () => {
  const object = (
    description: string,
    preview: Partial<Runtime.ObjectPreview>,
    subtype?: Runtime.RemoteObject["subtype"],
  ) =>
    valueText({
      type: "object",
      ...(subtype ? { subtype } : {}),
      description,
      preview: {
        type: "object",
        overflow: false,
        properties: [],
        ...(subtype ? { subtype } : {}),
        ...preview,
      },
    } as Runtime.RemoteObject);
  const one = { name: "0", type: "number", value: "1" } as const;

  test.each<[string, string]>([
    ['"a\\n"', valueText({ type: "string", value: "a\n" })],
    ["true", valueText({ type: "boolean", value: true })],
    ["-0", valueText({ type: "number", unserializableValue: "-0", description: "-0" })],
    ["5n", valueText({ type: "bigint", unserializableValue: "5n", description: "5n" })],
    ["undefined", valueText({ type: "undefined" })],
    ["null", valueText({ type: "object", subtype: "null", value: null })],
    ["class A {", valueText({ type: "function", description: "class A {\n}" })],
    ["Error: no", valueText({ type: "object", subtype: "error", description: "Error: no\n    at x" })],
    ["{}", object("Object", {})],
    ["{ 0: 1, … }", object("Object", { properties: [one], overflow: true })],
    ["Array(1) [1]", object("Array(1)", { properties: [one] }, "array")],
    ["Point { 0: 1 }", object("Point", { properties: [one] })],
  ])("%s", (wanted, text) => {
    expect(text).toBe(wanted);
  });

  test("what an object holds comes with enumerable properties first, and without its prototype", () => {
    const property = (name: string, enumerable: boolean, value?: Runtime.RemoteObject) => ({
      ...{ name, enumerable, configurable: true },
      ...(value ? { value } : { get: { type: "function" as const } }),
    });
    const held = { type: "object", objectId: "7", description: "Object" } as const;
    const found = variablesOf(
      {
        result: [
          property("length", false, { type: "number", value: 1 }),
          property("a", true, held),
          property("b", true),
        ],
        internalProperties: [
          { name: "[[Prototype]]", value: held },
          { name: "[[PromiseState]]", value: { type: "string", value: "pending" } },
        ],
      },
      ({ objectId }) => Number(objectId),
    );
    expect(found.map(({ name, value, variablesReference }) => [name, value, variablesReference])).toEqual([
      ["a", "Object", 7],
      ["b", "(getter)", 0],
      ["length", "1", 0],
      ["[[PromiseState]]", '"pending"', 0],
    ]);
  });
});

test.each<[string, unknown, string, string[]]>([
  ["a name of the session", 40, "kept", []],
  ["a local one that hides it", 1, "kept", ["kept"]],
  ["within an object", { kept: 40 }, "{ kept }", []],
  ["a call, without its receiver", undefined, "self()", []],
  ["an assignment", 41, "kept = kept + 1", []],
  ["with types", 40, "(kept as number)!", []],
  ["statements", 3, "const two: number = 2; two + 1", []],
])("an expression is evaluated: %s", async (_, wanted, source, bound) => {
  const values: Record<string, { value: unknown }> = {
    kept: { value: 40 },
    self: {
      value() {
        return this;
      },
    },
  };
  const context = vm.createContext({ kept: 1 });
  const kernel = { debuggee: { variable: (name: string) => values[name] } };
  context.kernel = kernel;
  vm.runInContext('globalThis[Symbol.for("allroads.kernel")] = kernel', context);
  const code = evaluable(await javaScript(source), new Set(["kept", "self"]), new Set(bound));
  expect(JSON.stringify(vm.runInContext(code, context))).toBe(JSON.stringify(wanted));
});
