import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type DebugClient, debugClient } from "./debug-client.ts";
import { type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let modulePath = "";
const moduleText = `/** Sums. */
export interface Item { price: number }

export function total(items: Item[]): number {
  let sum = 0;
  for (const { price } of items) {
    sum += price;
  }
  return sum;
}

export async function later(items: Item[]): Promise<number> {
  await new Promise((done) => setTimeout(done, 5));
  return total(items);
}
`;

let kernel: KernelClient;
let client: DebugClient;
/** Whether the next test can use the same kernel: after a failure the kernel is restarted. */
let isReusable = false;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "debug-")));
  modulePath = join(folder, "sums.ts");
  writeFileSync(modulePath, moduleText);
});
beforeEach(async () => {
  if (!isReusable) {
    await kernel?.stop();
    kernel = await startKernel(folder);
  }
  client = debugClient(kernel);
  isReusable = false;
  await client.start();
});
afterEach(async ({ task }) => {
  await client.ask("disconnect", { restart: false });
  isReusable = task.result?.state !== "fail";
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

test("kernel_info announces the debugger", async () => {
  const info = await kernel.ask("control", "kernel_info_request");
  expect(info).toMatchObject({ debugger: true, supported_features: expect.arrayContaining(["debugger"]) });
});

describe("a breakpoint in a cell", () => {
  const cell = `interface Point { x: number; y: number }

const scale: number = 3;
function grow({ x, y }: Point): Point {
  const factor = scale * 2;

  return { x: x * factor, y };
}
const grown = grow({ x: 1, y: 2 });
grown.x;`;

  test("stops at its line of the TypeScript, with variables, steps and continue", async () => {
    const sourcePath = await client.breakIn(cell, 5, 6);
    const info = await client.body("debugInfo");
    expect(sourcePath.startsWith(info.tmpFilePrefix) && sourcePath.endsWith(info.tmpFileSuffix)).toBe(true);
    const lines = info.breakpoints.map(({ source, breakpoints }: never) => [source, breakpoints]);
    expect(lines).toMatchObject([[sourcePath, [{ line: 5 }, { line: 7, verified: true }]]]);

    const stopped = client.event("stopped");
    const running = kernel.run(cell);
    expect(await stopped).toMatchObject({ reason: "breakpoint", threadId: 1 });
    expect((await client.body("debugInfo")).stoppedThreads).toEqual([1]);
    const { stackFrames } = await client.body("stackTrace", { threadId: 1 });
    const name = stackFrames[1].name;
    expect(name).toMatch(/^Cell \[\d+\]$/);
    expect(stackFrames).toMatchObject([
      { name: "grow", line: 5, source: { path: sourcePath } },
      { name, line: 9, source: { path: sourcePath } },
    ]);
    expect((await client.body("source", { source: { path: sourcePath } })).content).toBe(cell);
    expect(await client.scope("Locals")).toEqual({ x: "1", y: "2", factor: "undefined" });
    expect(await client.scope("Closure")).toMatchObject({ scale: "3" });
    expect(await client.scope("Session")).toMatchObject({ scale: "3" });

    expect(await client.until("next")).toEqual(["grow:7", `${name}:9`]);
    expect(await client.scope("Locals")).toMatchObject({ factor: "6" });
    expect(await client.until("stepOut")).toEqual([`${name}:10`]);
    expect(await client.scope("Locals")).toMatchObject({ grown: "{ x: 6, y: 2 }" });
    const continued = client.event("continued");
    await client.body("next");
    await continued;
    expect((await running).result).toBe("6");
    expect((await client.body("debugInfo")).stoppedThreads).toEqual([]);
    expect((await kernel.run("const next = 1;\nnext + 1;")).result).toBe("2");
  });

  test("stops every run of the same cell until it is removed", async () => {
    const code = "const once = 1;\nonce + 1;";
    const path = await client.breakIn(code, 2);
    for (let run = 0; run < 2; run++) {
      const stopped = client.event("stopped");
      const running = kernel.run(code);
      await stopped;
      expect(await client.stack()).toEqual([expect.stringMatching(/^Cell.*:2$/)]);
      await client.body("continue");
      expect((await running).result).toBe("2");
    }
    await client.body("setBreakpoints", { source: { path }, breakpoints: [] });
    expect((await kernel.run(code)).result).toBe("2");
  });

  test("can be set in a function of an earlier cell while it runs", async () => {
    const code = "let turns = 0;\nlet go = true;\nfunction turn() {\n  turns += 1;\n}";
    await kernel.run(code);
    const started = kernel.published(({ content }) => content.text === "on\n");
    const running = kernel.run('console.log("on"); while (go) turn();');
    await started;
    const stopped = client.event("stopped");
    await client.breakIn(code, 4);
    await stopped;
    const [top, caller] = await client.stack();
    expect(top).toBe("turn:4");
    expect(caller).toMatch(/:1$/);
    await client.body("evaluate", { expression: "go = false", frameId: 1 });
    await client.body("continue");
    expect((await running).reply.status).toBe("ok");
  });
});

describe("a breakpoint in a local module", () => {
  test("stops there, with the calling and awaiting functions on the stack", async () => {
    const { breakpoints } = await client.body("setBreakpoints", {
      source: { path: modulePath },
      breakpoints: [{ line: 7 }],
    });
    expect(breakpoints).toMatchObject([{ line: 7 }]);
    const stopped = client.event("stopped");
    const running = kernel.run(
      'import { later } from "./sums";\nconst items = [{ price: 5 }];\nawait later(items);',
    );
    await stopped;
    const frames = (await client.body("stackTrace", { threadId: 1 })).stackFrames;
    expect(frames).toMatchObject([
      { name: "total", line: 7, source: { name: "sums.ts", path: modulePath } },
      { name: "later", line: 14 },
      { line: 3 },
    ]);
    expect(await client.scope("Locals")).toMatchObject({ price: "5", sum: "0" });
    expect((await client.body("modules")).modules).toMatchObject([{ name: "sums.ts", path: modulePath }]);
    expect((await client.body("source", { source: { path: modulePath } })).content).toContain("Sums.");
    await client.body("continue");
    expect((await running).result).toBe("5");
  });

  test("can be reached by stepping in", async () => {
    const code = 'import { total } from "./sums";\nconst few = [{ price: 1 }];\ntotal(few);';
    await client.breakIn(code, 3);
    const stopped = client.event("stopped");
    const running = kernel.run(code);
    await stopped;
    expect((await client.until("stepIn"))[0]).toBe("total:5");
    await client.body("continue");
    await running;
  });
});

describe("errors", () => {
  const uncaught = { filters: ["uncaught"] };

  test.each([
    ["a cell", "const near = 1;\nthrow new RangeError('boom');", 2, "near"],
    ["an awaiting cell", "const near = await 1;\nthrow new RangeError('boom');", 2, "near"],
    ["a function", "function fail(near: number) {\n  throw new RangeError('boom');\n}\nfail(1);", 2, "near"],
    [
      "an awaited function",
      "async function fail(near: number) {\n  await 1;\n  throw new RangeError('boom');\n}\nawait fail(1);",
      3,
      "near",
    ],
  ])("uncaught in %s stop execution where they are thrown", async (_, code, line, local) => {
    await client.body("setExceptionBreakpoints", uncaught);
    const stopped = client.event("stopped");
    const running = kernel.run(code);
    expect(await stopped).toMatchObject({ reason: "exception", text: "RangeError: boom" });
    expect((await client.stack())[0]).toMatch(new RegExp(`:${line}$`));
    expect(await client.scope("Locals")).toMatchObject({ [local]: "1" });
    await client.body("continue");
    expect((await running).reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "boom" });
  });

  test("stop execution when caught only if the filter is all", async () => {
    const code = `let caught = 0;
try { JSON.parse("no JSON"); } catch { caught += 1; }
const fail = async () => { await 1; throw 1; };
await fail().catch(() => { caught += 1; });
const again = async () => { await 1; throw 2; };
try { await again(); } catch { caught += 1; }
caught;`;
    await client.body("setExceptionBreakpoints", uncaught);
    expect((await kernel.run(code)).result).toBe("3");
    await client.body("setExceptionBreakpoints", { filters: ["all"] });
    const stopped = client.event("stopped");
    const running = kernel.run(code);
    await stopped;
    expect((await client.stack())[0]).toMatch(/:2$/);
    await client.body("setExceptionBreakpoints", { filters: [] });
    await client.body("continue");
    expect((await running).result).toBe("3");
  });

  test("do not include interrupts", async () => {
    for (const filter of ["uncaught", "all"]) {
      await client.body("setExceptionBreakpoints", { filters: [filter] });
      const started = kernel.published(({ content }) => content.text === "on\n");
      const code = 'console.log("on"); for (;;) await new Promise((done) => setTimeout(done, 1));';
      const running = kernel.run(code);
      await started;
      await kernel.ask("control", "interrupt_request");
      expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
      const sleep = "await new Promise((done) => setTimeout(done, 20)); 'on'";
      expect((await kernel.run(sleep)).result).toBe("on");
      expect((await client.body("debugInfo")).stoppedThreads).toEqual([]);
    }
  });

  test("have no effect on the outcomes of cells that run in uncaught mode", async () => {
    await client.body("setExceptionBreakpoints", { filters: ["uncaught"] });
    const fine = await kernel.run("console.log('a'); await 1; console.log('b'); 7");
    expect([fine.printed, fine.result]).toEqual(["a\nb\n", "7"]);
    const { reply } = await kernel.run("for (;;) { if (1 > 2) break; await 1; break; }\n'done'");
    expect(reply.status).toBe("ok");
  });
});

describe("while execution is stopped", () => {
  const code = "const held = { list: [1, 2, 3], map: new Map([['a', 1]]) };\ndebugger;\nheld.list.length;";
  const runToStop = async () => {
    const stopped = client.event("stopped");
    const running = kernel.run(code);
    await stopped;
    return { running };
  };

  test("the kernel replies on all channels", async () => {
    const { running } = await runToStop();
    expect(await kernel.heartbeat()).toBe("beat");
    expect(await kernel.ask("shell", "kernel_info_request")).toMatchObject({ status: "ok" });
    expect(
      (await kernel.ask("shell", "complete_request", { code: "Math.hy", cursor_pos: 7 })).matches,
    ).toEqual(["hypot"]);
    await client.body("continue");
    expect((await running).result).toBe("3");
  });

  test("variables can be inspected, evaluated, displayed and copied to the session", async () => {
    await kernel.run("const before = 40;");
    const { running } = await runToStop();
    const { scopes } = await client.body("scopes", { frameId: 1 });
    const { variables } = await client.body("variables", scopes[0]);
    const held = variables.find(({ name }: never) => name === "held");
    const inside = await client.body("variables", held);
    expect(inside.variables).toMatchObject([
      { name: "list", value: "Array(3) [1, 2, 3]", indexedVariables: 3 },
      { name: "map", value: 'Map(1) { "a" => 1 }' },
    ]);
    const list = await client.body("variables", inside.variables[0]);
    expect(list.variables.slice(0, 3)).toMatchObject([
      { name: "0", value: "1" },
      { value: "2" },
      { value: "3" },
    ]);

    const evaluate = (expression: string) =>
      client.body("evaluate", { expression, frameId: 1, context: "repl" });
    expect((await evaluate("before + (held.list as number[]).length")).result).toBe("43");
    expect((await evaluate("{ before }")).result).toBe("{ before: 40 }");
    expect(await client.ask("evaluate", { expression: "nothing.there", frameId: 1 })).toMatchObject({
      success: false,
      message: "ReferenceError: nothing is not defined",
    });
    const rich = await client.body("richInspectVariables", { variableName: "held", frameId: 1 });
    expect(rich.data["text/plain"]).toContain("list: [ 1, 2, 3 ]");
    await client.body("copyToGlobals", { srcVariableName: "held", dstVariableName: "kept", srcFrameId: 1 });
    await client.body("continue");
    await running;
    expect((await kernel.run("kept.list.join()")).result).toBe("1,2,3");
    expect((await client.ask("variables", held)).success).toBe(false);
  });

  test("long arrays are listed in parts", async () => {
    await kernel.run("const long = Float64Array.from({ length: 5000 }, (_, i) => i / 2);");
    const { running } = await runToStop();
    const long = await client.body("evaluate", { expression: "long", frameId: 1 });
    const values = async (range: object) => {
      const { variablesReference } = long;
      const { variables } = await client.body("variables", { variablesReference, ...range });
      return variables.map(({ name, value }: never) => `${name}: ${value}`);
    };
    expect(await values({})).toHaveLength(1000);
    expect(await values({ start: 4999, count: 5 })).toEqual(["4999: 2499.5"]);
    await client.body("continue");
    await running;
  });

  test("an interrupt ends the cell and keeps its variables", async () => {
    const { running } = await runToStop();
    const continued = client.event("continued");
    expect(await kernel.ask("control", "interrupt_request")).toEqual({ status: "ok" });
    expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    await continued;
    expect((await kernel.run("held.list.length")).result).toBe("3");
  });

  test("an interrupt ends a cell after an await, and the session continues", async () => {
    const stopped = client.event("stopped");
    const running = kernel.run("const late = await 1;\ndebugger;\nlate;");
    await stopped;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect((await kernel.run("await 1; late + 1")).result).toBe("2");
  });

  test("the cell continues when the client disconnects, and no further cell stops", async () => {
    const { running } = await runToStop();
    const events = Promise.all([client.event("continued"), client.event("terminated")]);
    await client.body("disconnect", { restart: false, terminateDebuggee: false });
    expect((await running).result).toBe("3");
    await events;
    expect(await client.body("debugInfo")).toMatchObject({
      isStarted: false,
      stoppedThreads: [],
      breakpoints: [],
    });
    expect((await kernel.run(code)).result).toBe("3");
    expect(await client.ask("stackTrace")).toMatchObject({ success: false });
  });
});

test.each([
  ["a loop", ""],
  ["a loop of awaits", "await new Promise((done) => setTimeout(done, 1));"],
])("%s can be paused", async (_, wait) => {
  const started = kernel.published(({ content }) => content.text === "on\n");
  const running = kernel.run(
    `let n = 0;\nwhile (n >= 0) { n += 1; if (n === 2) console.log("on"); ${wait} }`,
  );
  await started;
  expect((await client.until("pause"))[0]).toMatch(/:2$/);
  await client.body("evaluate", { expression: "n = -2", frameId: 1 });
  await client.body("continue");
  expect((await running).reply.status).toBe("ok");
});

test("a loop after an await can be interrupted while the debugger is attached", async () => {
  for (let round = 0; round < 3; round++) {
    const started = kernel.published(({ content }) => content.text === "on\n");
    const running = kernel.run('await 1; console.log("on"); for (;;);');
    await started;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect((await kernel.run("await 1")).result).toBe("1");
  }
});

test("the debugger can be detached and attached while a cell awaits promises", async () => {
  const work = "for (let i = 0; i < 1e6; i++);";
  const started = kernel.published(({ content }) => content.text === "on\n");
  const running = kernel.run(`let open = true; console.log("on");
while (open) { await null; ${work} await new Promise((done) => setImmediate(done)); ${work} }`);
  await started;
  for (let round = 0; round < 15; round++) {
    await client.body("disconnect");
    await client.start();
  }
  await client.body("evaluate", { expression: "open = false" });
  expect((await running).reply.status).toBe("ok");
});

test("disconnecting while the debugger starts leaves it detached", async () => {
  await client.body("disconnect");
  const started = client.body("initialize");
  await client.body("disconnect");
  await started;
  expect(await client.body("debugInfo")).toMatchObject({ isStarted: false });
  expect((await kernel.run("debugger;\n5")).result).toBe("5");
});

test("session variables are listed while idle and while a cell runs", async () => {
  await kernel.run('const greeting = "hello"; let grid = [[1, 2], [3, 4]]; let open = true;');
  const started = kernel.published(({ content }) => content.text === "on\n");
  const values = async () => {
    const { variables } = await client.body("inspectVariables");
    return Object.fromEntries(variables.map(({ name, value }: never) => [name, value]));
  };
  expect(await values()).toMatchObject({ greeting: '"hello"', open: "true" });
  const running = kernel.run('console.log("on"); while (open);');
  await started;
  expect(await values()).toMatchObject({ greeting: '"hello"', grid: "Array(2) [Array(2), Array(2)]" });
  const rich = await client.body("richInspectVariables", { variableName: "greeting" });
  expect(rich.data).toEqual({ "text/plain": "hello" });
  await client.body("evaluate", { expression: "open = false" });
  expect((await running).reply.status).toBe("ok");
});

test("invalid requests fail with a message that says what to do", async () => {
  const message = async (command: string, given = {}) => (await client.ask(command, given)).message;
  expect(await message("next")).toMatch(/^Execution is not stopped: .* before "next"\.$/);
  expect(await message("scopes", { frameId: 7 })).toMatch(/^There is no frame 7: /);
  expect(await message("richInspectVariables", { variableName: "a b" })).toMatch(
    /^"a b" is not a variable name/,
  );
  expect(await message("source", { source: { path: "/no/such.ts" } })).toMatch(/^There is no source /);
  expect(await message("gotoTargets")).toBe('The debugger does not support the request "gotoTargets".');
  await client.body("disconnect");
  expect(await message("next")).toMatch(/^The debugger is not started: /);
});

test("a kernel can be shut down while execution is stopped", async () => {
  const other = await startKernel(folder);
  onTestFinished(other.stop);
  const otherClient = debugClient(other);
  await otherClient.start();
  const stopped = otherClient.event("stopped");
  other.run("debugger;");
  await stopped;
  expect(await other.ask("control", "shutdown_request", { restart: false })).toMatchObject({ status: "ok" });
  expect(await other.ended).toBe(0);
});
