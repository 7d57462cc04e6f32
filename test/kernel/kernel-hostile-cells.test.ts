import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type CellRun, type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;
const start = () => startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hostile-"));
  kernel = await start();
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

/** The reply to a cell must be complete, whatever the cell does. */
function expectReply({ reply, messages }: CellRun): void {
  if (reply.status === "ok") return;
  expect(reply).toMatchObject({
    status: "error",
    ename: expect.stringMatching(/./s),
    evalue: expect.any(String),
  });
  expect(reply.traceback.length).toBeGreaterThan(0);
  expect(reply.traceback.every((line: unknown) => typeof line === "string")).toBe(true);
  expect(reply.traceback.join("\n").length).toBeLessThan(300_000);
  const { ename, evalue, traceback } = reply;
  expect(messages.find(({ type }) => type === "error")?.content).toEqual({ ename, evalue, traceback });
}

/** Runs a hostile cell, then two ordinary ones. */
async function survives(client: KernelClient, code: string): Promise<void> {
  expectReply(await client.run(code));
  expect((await client.run("1 + 1")).result, `1 + 1 after ${code}`).toBe("2");
  expect((await client.run("await null; 1 + 1")).result, `await after ${code}`).toBe("2");
}

const throwing = `get(target, name) { throw new Error("get " + String(name)); }, getPrototypeOf() { throw 1; },
  ownKeys() { throw 2; }, getOwnPropertyDescriptor() { throw 3; }, has() { throw 4; }`;
const custom = 'Symbol.for("nodejs.util.inspect.custom")';
const display = 'Symbol.for("Jupyter.display")';

/** Cells that throw what is hard to describe. */
const thrown = [
  `throw new Proxy({}, { getPrototypeOf() { throw new Error("x") } })`,
  `throw new Proxy({}, { ${throwing} })`,
  `throw new Proxy(new Error("inner"), { ${throwing} })`,
  `throw new Proxy(function () {}, { ${throwing} })`,
  `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy`,
  `throw Object.create(new Proxy({}, { ${throwing} }))`,
  `throw Object.setPrototypeOf(new Error("m"), new Proxy({}, { ${throwing} }))`,
  `throw Object.setPrototypeOf(new Error("m"), null)`,
  `const e = new Error("a"); e.cause = e; throw e`,
  `let e = new Error("0"); for (let i = 0; i < 1e4; i++) e = new Error(String(i), { cause: e }); throw e`,
  `throw new AggregateError(Array.from({ length: 1e4 }, (_, i) => new Error("e" + i)))`,
  `throw new Error("x".repeat(2e7))`,
  `throw "x".repeat(2e7)`,
  `throw new Array(1e6).fill({ a: 1 })`,
  `const recurse = () => recurse() + 1; recurse()`,
  ...["undefined", "null", "5", "1n", 'Symbol("s")', "() => {}", "Object.create(null)", "NaN", "''"].map(
    (value) => `throw ${value}`,
  ),
  `throw { toString() { throw 1; } }`,
  `throw { get [Symbol.toStringTag]() { throw new Error("tag"); } }`,
  `throw { [${custom}]() { throw new Error("custom"); } }`,
  ...["message", "name", "stack", "constructor", "cause"].map(
    (name) =>
      `throw Object.defineProperty(new Error("m"), "${name}", { get() { throw new Error("getter"); } })`,
  ),
  ...["Symbol('s')", "{ toString() { throw 1; } }", "[]", "5", "''", "null", "Object.create(null)"].map(
    (value) => `throw Object.assign(new Error("m"), { name: ${value}, message: ${value}, stack: ${value} })`,
  ),
  `throw Object.assign(new Error("m"), { [${custom}]() { throw new Error("custom"); } })`,
  `throw Object.assign(new Error("m"), { [${custom}]: () => 5 })`,
  `class E extends Error { get name() { throw 1; } }; throw new E("m")`,
  `throw require("node:vm").runInNewContext("new Error(1)")`,
  `throw new Error("\\ud800 \\u0000")`,
  `await Promise.reject(new Proxy({}, { ${throwing} }))`,
  `Promise.reject(new Proxy({}, { ${throwing} })); await new Promise((done) => setTimeout(done, 5))`,
  `setTimeout(() => { throw new Proxy({}, { ${throwing} }); }); await new Promise((done) => setTimeout(done, 5))`,
  `queueMicrotask(() => { throw { get [Symbol.toStringTag]() { throw 1; } }; })`,
];

/** Cells whose value is hard to show. */
const shown = [
  `new Proxy({}, { ${throwing} })`,
  `({ get $schema() { throw new Error("schema"); } })`,
  `({ get [Symbol.toStringTag]() { throw 1; } })`,
  `({ [${display}]() { throw new Error("display"); } })`,
  `({ [${display}]: () => null })`,
  `({ [${display}]: () => ({ "text/plain": () => {} }) })`,
  `({ [${display}]: () => ({ "text/plain": 10n }) })`,
  `({ [${display}]: async () => { throw 1; } })`,
  `({ [${display}]: () => { const cycle = {}; cycle["a/b"] = cycle; return cycle; } })`,
  `({ [${display}]: () => new Proxy({}, { ${throwing} }) })`,
  `({ then() {} })`,
  `({ then(resolve) { resolve(5); } })`,
  `const cycle = {}; cycle.cycle = cycle; cycle`,
  `({ toJSON() { throw 1; } })`,
  `({ constructor: { name: { toString() { throw 1; } } } })`,
  `globalThis[Symbol.for("allroads.kernel")].onCellEnd(() => { throw new Proxy({}, { ${throwing} }); })()`,
];

/** Replaces all methods of a prototype by functions that throw. */
const breakPrototype = (name: string, kept: readonly string[] = []) => `
  for (const key of Reflect.ownKeys(${name}.prototype))
    if (!${JSON.stringify(["constructor", ...kept])}.includes(key))
      try {
        const value = () => { throw new TypeError("${name}.prototype." + String(key)); };
        Object.defineProperty(${name}.prototype, key, { __proto__: null, value, configurable: true, writable: true });
      } catch {}`;
/** Replaces functions of an object by functions that throw. */
const breakFunctions = (object: string) => `
  for (const key of Reflect.ownKeys(${object}))
    if (typeof ${object}[key] === "function" && key !== "prototype")
      try { ${object}[key] = () => { throw new TypeError("${object}." + String(key)); }; } catch {}`;
/** Names of properties that the kernel and Node read from objects that may lack them. */
const names =
  `type id code error name cell map imports status result data value cachedData importModuleDynamically
  filename parsingContext signal depth columns shape $schema metadata run text transfer outcome terminations writable
  enumerable configurable get set`.split(/\s+/);

/** Cells that replace what the kernel shares with them. */
const replacing = [
  ...["get", "set", "value", "then", "toJSON", "constructor"].map(
    (name) => `Object.prototype.${name} = () => {}`,
  ),
  "Object.prototype.then = (resolve) => resolve(1)",
  "Object.prototype.then = () => { throw new Error('then'); }",
  "Object.prototype.toJSON = () => { throw 1; }",
  ...["Symbol.toStringTag", "Symbol.iterator", "Symbol.toPrimitive", custom, display].map(
    (name) => `Object.prototype[${name}] = () => { throw 1; }`,
  ),
  `for (const name of ${JSON.stringify(names)}) Object.prototype[name] = { hostile: name }`,
  "Array.prototype.then = () => {}",
  "Array.prototype[Symbol.iterator] = () => { throw 1; }",
  ...[
    "Promise",
    "Map",
    "Set",
    "WeakMap",
    "String",
    "RegExp",
    "Error",
    "Number",
    "Uint8Array",
    "Buffer",
    "URL",
  ].map((name) => breakPrototype(name)),
  // Node's own timers call these two.
  breakPrototype("Array", ["pop", "length"]),
  breakPrototype("Function", ["apply"]),
  ...["Object", "JSON", "Promise", "Array", "Buffer", "Error", "Number", "String", "Reflect"].map(
    breakFunctions,
  ),
  "JSON.stringify = () => '{}'; JSON.parse = () => 5",
  "Promise.prototype.then = () => {}",
  "Promise.prototype.constructor = null",
  "Object.defineProperty(Promise, Symbol.species, { get() { throw 1; } })",
  "Object.defineProperty(Promise, Symbol.hasInstance, { value() { throw 1; } })",
  "Object.defineProperty(Error, Symbol.hasInstance, { value() { throw 1; } })",
  ...["() => { throw new Error('p'); }", "() => ({})", "5", "(_, sites) => sites"].map(
    (value) => `Error.prepareStackTrace = ${value}`,
  ),
  "Error.stackTraceLimit = 0",
  "Error.stackTraceLimit = 'x'",
  "process.stdout.write = process.stderr.write = () => { throw 1; }",
  "for (const name of Object.keys(console)) console[name] = () => { throw 1; }",
  "process.nextTick = process.on = process.exit = () => { throw 1; }",
  "process.removeAllListeners(); Promise.reject(new Error('late'))",
  "require('node:events').prototype.emit = () => { throw 1; }",
  "require('node:util').inspect = () => { throw 1; }; require('node:module').syncBuiltinESMExports()",
  "require('node:vm').compileFunction = () => { throw 1; }; require('node:module').syncBuiltinESMExports()",
  "require('node:async_hooks').AsyncLocalStorage.prototype.getStore = () => { throw 1; }",
  `for (const name of ["Error", "Promise", "Map", "Set", "WeakMap", "Object", "Array", "String", "Function", "JSON",
    "Reflect", "Buffer", "Atomics", "Proxy", "RegExp", "Number", "setImmediate", "setTimeout", "queueMicrotask",
    "process", "console"]) globalThis[name] = undefined`,
];

describe("a cell gets a reply and the session continues after a cell that", () => {
  test.each(thrown)("throws something: %s", (code) => survives(kernel, code));
  test.each(shown)("returns something: %s", (code) => survives(kernel, code));
});

test("errors are described as far as they can be", async () => {
  const describe = async (code: string) => {
    const { ename, evalue, traceback } = (await kernel.run(code)).reply;
    return { ename, evalue, text: traceback.join("\n") };
  };
  expect(await describe(`throw new Proxy({ a: 1 }, { ${throwing} })`)).toEqual({
    ename: "Uncaught",
    evalue: "{ a: 1 }",
    text: "Uncaught { a: 1 }",
  });
  expect(await describe(`throw { [${custom}]() { throw new Error("io"); } }`)).toMatchObject({
    evalue: "a value that cannot be shown: inspecting it throws io",
  });
  const getter = 'throw Object.defineProperty(new RangeError("m"), "stack", { get() { throw 1; } })';
  expect(await describe(getter)).toEqual({ ename: "RangeError", evalue: "m", text: "RangeError: m" });
  const long = await describe('throw new Error("x".repeat(2e6) + "y")');
  expect(long.evalue).toMatch(/^x{25000}\n… 1950001 more characters …\nx{24999}y$/);
  expect(await describe('throw require("node:vm").runInNewContext("new TypeError(1)")')).toMatchObject({
    ename: "TypeError",
    evalue: "1",
  });
});

describe("cells that replace built-in functions", () => {
  const survivesAll = async (cells: readonly string[]) => {
    const client = await start();
    try {
      for (const code of cells) {
        await survives(client, code);
        expectReply(await client.run("throw new Error('boom')"));
      }
    } finally {
      await client.stop();
    }
  };

  test.each([
    "Object.prototype.get = () => {}",
    "Object.prototype.then = () => {}",
    "Object.prototype.then = (resolve) => resolve(1)",
    "Array.prototype[Symbol.iterator] = () => { throw 1; }",
    "Promise.prototype.then = () => {}",
    "Buffer.from = JSON.stringify = () => { throw 1; }",
    breakPrototype("Map"),
    breakPrototype("String"),
    // Together with further properties it breaks `vm.compileFunction`.
    "for (const each of [Object, Array, Error, Promise]) Object.freeze(each.prototype)",
  ])("leave a new session working: %s", (code) => survivesAll([code]));

  test("leave the session working, all of them, in any order", async () => {
    await survivesAll(replacing);
    const orders = fc.shuffledSubarray(replacing, { minLength: replacing.length });
    await fc.assert(fc.asyncProperty(orders, survivesAll), { numRuns: 3, endOnFailure: true });
  });

  // Node's event loop calls these methods, so that no further cell can run in Node up to 22.
  test.each([
    "Array.prototype.pop = () => { throw 1; }",
    "Function.prototype.apply = () => { throw 1; }",
    "Object.defineProperty(Object.prototype, '0', { set() { throw 1; }, configurable: true })",
  ])("in Node itself leave a kernel that can be shut down: %s", async (code) => {
    const client = await start();
    onTestFinished(client.stop);
    await client.run("1");
    client.send("execute_request", { code });
    expect(await client.ask("control", "kernel_info_request")).toMatchObject({ status: "ok" });
    const shutdown = client.ask("control", "shutdown_request", { restart: false }).catch(() => {});
    await Promise.all([shutdown, client.ended]);
  });
});
