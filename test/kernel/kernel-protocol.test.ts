import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { builtKernel, type CellRun, type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "protocol-"));
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

const typesOf = ({ messages }: CellRun) => messages.map(({ type }) => type);

describe("execution", () => {
  test("a cell publishes its input and result, and gets a reply with its execution count", async () => {
    const first = await kernel.run("40 + 2");
    expect(typesOf(first)).toEqual(["execute_input", "execute_result"]);
    expect(first.messages[0]?.content).toEqual({
      code: "40 + 2",
      execution_count: first.reply.execution_count,
    });
    expect(first.reply).toMatchObject({ status: "ok", user_expressions: {}, payload: [] });
    expect(first.result).toBe("42");
    const second = await kernel.run("const nothing = 1");
    expect(typesOf(second)).toEqual(["execute_input"]);
    expect(second.reply.execution_count).toBe(first.reply.execution_count + 1);
  });

  test("streams are published in order and before idle", async () => {
    const { messages } = await kernel.run(
      'for (let i = 0; i < 2000; i++) console.log(i); console.error("e"); console.log("o"); process.stdout.write("w")',
    );
    const streams = messages.filter(({ type }) => type === "stream").map(({ content }) => content);
    const stdout = streams.filter(({ name }) => name === "stdout").map(({ text }) => text);
    expect(stdout.join("")).toBe(`${Array.from({ length: 2000 }, (_, i) => `${i}\n`).join("")}o\nw`);
    expect(streams.slice(-2).map(({ name, text }) => `${name} ${text}`)).toEqual([
      "stderr e\n",
      "stdout o\nw",
    ]);
  });

  test("silent cells publish nothing; cells that are not stored do not increase the count", async () => {
    const before = (await kernel.run("1")).reply.execution_count;
    const silent = await kernel.run("console.log('printed'); 5", { silent: true });
    expect(silent.messages).toEqual([]);
    expect(silent.reply).toMatchObject({ status: "ok", execution_count: before });
    const unstored = await kernel.run("6", { store_history: false });
    expect(unstored.result).toBe("6");
    expect((await kernel.run("7")).reply.execution_count).toBe(before + 1);
    const { history } = await kernel.ask("shell", "history_request", { hist_access_type: "tail", n: 2 });
    expect(history.map((entry: unknown[]) => entry[2])).toEqual(["1", "7"]);
  });

  test("user expressions are evaluated independently of each other", async () => {
    const { reply } = await kernel.run("const base = 5", {
      user_expressions: { twice: "base * 2", bad: "base.x.y", worse: "1 +" },
    });
    expect(reply.user_expressions).toMatchObject({
      twice: { status: "ok", data: { "text/plain": "10" } },
      bad: { status: "error", ename: "TypeError" },
      worse: { status: "error", ename: "SyntaxError" },
    });
  });

  test("an error aborts queued cells unless stop_on_error is false", async () => {
    const failing = kernel.run("console.log('before'); throw new RangeError('boom')");
    const queued = [kernel.run("globalThis.ran = true"), kernel.run("2")];
    const failed = await failing;
    expect(typesOf(failed)).toEqual(["execute_input", "stream", "error"]);
    expect(failed.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "boom" });
    for (const { reply } of await Promise.all(queued)) expect(reply).toEqual({ status: "aborted" });
    expect((await kernel.run("(globalThis as any).ran")).result).toBeUndefined();

    const tolerant = kernel.run("throw new Error('again')", { stop_on_error: false });
    const after = kernel.run("3");
    expect((await tolerant).reply.status).toBe("error");
    expect((await after).result).toBe("3");
  });

  test("displays are published and updated", async () => {
    const { result } = await kernel.run(
      'import { versions } from "tslab"; const node: string = versions.node; node',
    );
    expect(result).toBe(process.version);
    const { messages } = await kernel.run(`
      import * as tslab from "tslab";
      const place = tslab.newDisplay();
      place.html("<b>1</b>");
      place.html("<b>2</b>");
      tslab.display.png(new Uint8Array([1, 2, 3]));`);
    const [shown, updated, image] = messages.slice(1);
    expect([shown?.type, updated?.type]).toEqual(["display_data", "update_display_data"]);
    expect(updated?.content.data).toEqual({ "text/html": "<b>2</b>" });
    expect(updated?.content.transient).toEqual(shown?.content.transient);
    expect(image?.content.data).toEqual({ "image/png": "AQID" });
  });

  test("a chart is drawn, and an image has its size, in a folder without packages", async () => {
    const chart = await kernel.run(`({
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      data: { values: [{ x: 1 }] }, mark: "point", encoding: { x: { field: "x" } },
    })`);
    expect(chart.messages[1]?.content.data["image/svg+xml"]).toMatch(/^<svg/);
    const library = JSON.stringify(join(await builtKernel(), "index.cjs"));
    const png = "Buffer.from('\\x89PNG\\r\\n\\x1a\\n', 'latin1')";
    const image = await kernel.run(`// @ts-nocheck
      const { image, show } = require(${library}); show(image(${png}, { width: 3 })); image(${png}, { height: 4 })`);
    const shown = image.messages.slice(1).map(({ type, content }) => [type, content.metadata]);
    expect(shown).toEqual([
      ["display_data", { "image/png": { width: 3 } }],
      ["execute_result", { "image/png": { height: 4 } }],
    ]);
    const promises = await kernel.run("[Promise.resolve(1), new Promise(() => {})]");
    expect(promises.result?.replace(/\s+/g, " ")).toBe("[ Promise { 1 }, Promise { <pending> } ]");
  });

  test("uncaught errors in callbacks are printed and do not end the cell", async () => {
    const { messages, result } = await kernel.run(`
      setTimeout(() => { throw new Error("late") }, 1);
      Promise.reject(new Error("unhandled"));
      await new Promise((done) => setTimeout(done, 50));
      "still here"`);
    const printed = messages.map(({ content }) => content.text ?? "").join("");
    expect(printed).toContain("Error: late");
    expect(printed).toContain("Error: unhandled");
    expect(result).toBe("still here");
  });
});

describe("late output", () => {
  const sleep = "await new Promise((done) => setTimeout(done, 60))";
  test.each([
    ["a timer", 'setTimeout(() => console.log("late"), 20)'],
    [
      "an async function",
      'void (async () => { await null; await new Promise((d) => setTimeout(d, 20)); console.log("late"); })()',
    ],
    [
      "an event of the file system",
      'require("node:fs").stat(".", () => setTimeout(() => console.log("late"), 20))',
    ],
    ["an uncaught error", 'setTimeout(() => { throw new Error("late") }, 20)'],
    ["an unhandled rejection", 'setTimeout(() => Promise.reject(new Error("late")), 20)'],
    [
      "a display",
      `setTimeout(() => globalThis[Symbol.for("allroads.kernel")].display({ "text/plain": "late" }), 20)`,
    ],
  ])("of %s has the cell that caused it as parent", async (_, code) => {
    const late = kernel.published(({ content }) =>
      /late/.test(content.text ?? content.data?.["text/plain"] ?? ""),
    );
    const first = kernel.run(`// @ts-nocheck\n${code}; 0`);
    const second = kernel.run(`${sleep}; console.log("mine")`);
    const input = await kernel.published(({ content }) => content.code?.includes(code));
    expect((await late).parent_header.msg_id).toBe(input.parent_header.msg_id);
    await first;
    expect((await second).printed).toBe("mine\n");
  });

  test("of a function has the calling cell as parent; a silent cell stays silent", async () => {
    await kernel.run("function speak() { console.log('spoken') }");
    expect((await kernel.run("speak()")).printed).toBe("spoken\n");
    await kernel.run("setTimeout(() => console.log('whispered'), 10)", { silent: true });
    expect((await kernel.run(sleep)).messages.map(({ type }) => type)).toEqual(["execute_input"]);
  });
});

describe("while a cell runs", () => {
  test("the kernel replies to heartbeats and requests, and publishes output", async () => {
    const started = kernel.published(({ content }) => content.text === "working\n");
    const running = kernel.run(
      "console.log('working'); const until = Date.now() + 1500; while (Date.now() < until);",
    );
    await started;
    const replies = Promise.all([
      kernel.heartbeat(),
      kernel.ask("control", "kernel_info_request"),
      kernel.ask("shell", "kernel_info_request"),
      kernel.ask("shell", "complete_request", { code: "Math.hy", cursor_pos: 7 }),
      kernel.ask("shell", "is_complete_request", { code: "f(" }),
    ]);
    const first = await Promise.race([replies.then(() => "replies"), running.then(() => "cell")]);
    expect(first).toBe("replies");
    const [beat, info, , completion, complete] = await replies;
    expect(beat).toBe("beat");
    expect(info).toMatchObject({ status: "ok", protocol_version: "5.4", implementation: "allroads-kernel" });
    expect(completion.matches).toEqual(["hypot"]);
    expect(complete.status).toBe("incomplete");
    await running;
  });

  const sleep = "new Promise((done) => setTimeout(done, 10))";
  test.each([
    ["a loop", "for (;;) state++;"],
    ["a loop after an await", "await 1; for (;;) state++;"],
    ["a loop of continuations", "for (;;) { state++; await null; for (let i = 0; i < 1e5; i++); }"],
    ["a loop in a timer", "setTimeout(() => { for (;;) state++; }, 1); await new Promise(() => {});"],
    ["an await that never ends", "state++; await new Promise(() => {});"],
    ["a loop of awaits", `try { for (;;) { state++; await ${sleep}; } } finally { state = -1; }`],
    ["a loop of microtasks", "state++; const again = () => queueMicrotask(again); again();"],
    [
      "a loop of microtasks during an await",
      "state++; const again = () => queueMicrotask(again); await new Promise(() => again());",
    ],
    ["a loop of promises", "state++; const again = () => Promise.resolve().then(again); again();"],
    ["a slow regular expression", 'state++; /^(a+)+$/.test("a".repeat(40) + "b");'],
    [
      "a slow inspection of an error",
      'state++; throw { [require("node:util").inspect.custom]() { for (;;); } };',
    ],
    ["a wait for a child process", 'state++; require("node:child_process").execSync("sleep 60; echo done");'],
    ["a loop of ticks", "state++; const again = () => process.nextTick(again); again();"],
    [
      "a loop of microtasks in a timer",
      "state++; const again = () => queueMicrotask(again); setTimeout(again); await new Promise(() => {});",
    ],
    [
      "a loop in an async resource",
      `state++; const { AsyncResource } = require("node:async_hooks");
      for (const resource = new AsyncResource("r"); ;) resource.runInAsyncScope(() => {});`,
    ],
    ["a wait for another thread", "state++; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
  ])("%s can be interrupted by message and by signal, and variables are kept", async (name, code) => {
    for (const way of ["message", "signal"]) {
      await kernel.run("var state = 0;");
      const started = kernel.published(({ content }) => content.text === "on\n");
      const running = kernel.run(`console.log("on"); ${code}`);
      await started;
      await new Promise((done) => setTimeout(done, 50));
      if (way === "message")
        expect(await kernel.ask("control", "interrupt_request")).toEqual({ status: "ok" });
      else process.kill(kernel.pid, "SIGINT");
      expect((await running).reply).toMatchObject({ status: "error", ename: "Interrupted" });
      const after = await kernel.run(
        `await ${sleep}; await ${sleep}; const seen = state; await ${sleep}; [state !== 0, seen === state].join()`,
      );
      expect(after.result).toBe("true,true");
      if (name === "a loop of awaits") expect((await kernel.run("state")).result).toBe("-1");
    }
  });

  test("repeated interrupts of a loop of microtasks end only the cell", async () => {
    for (let count = 0; count < 10; count++) {
      const running = kernel.run("const again = () => queueMicrotask(again); again();");
      await new Promise((done) => setTimeout(done, 20 + 7 * count));
      await kernel.ask("control", "interrupt_request");
      expect((await running).reply.ename).toBe("Interrupted");
      expect((await kernel.run("await null; 1 + 1")).result).toBe("2");
    }
  });

  test("an interrupt ends the loop while async hooks are in use", async ({ skip }) => {
    const isLate = Number(process.versions.node.split(".")[0]) >= 24;
    skip(isLate, "Node 24 rarely aborts if it is interrupted within a call of a hook");
    await kernel.run(`// @ts-nocheck
      const hook = require("node:async_hooks").createHook({ init() {}, before() {}, after() {} }).enable();`);
    onTestFinished(async () => void (await kernel.run("hook.disable()")));
    for (const loop of ["for (;;) await null;", "const again = () => queueMicrotask(again); again();"]) {
      const running = kernel.run(loop);
      await new Promise((done) => setTimeout(done, 50));
      await kernel.ask("control", "interrupt_request");
      expect((await running).reply.ename).toBe("Interrupted");
      expect((await kernel.run("await null; 1 + 1")).result).toBe("2");
    }
  });

  test("queued cells run after an interrupted one that does not abort them", async () => {
    const started = kernel.published(({ content }) => content.text === "on\n");
    const running = kernel.run("console.log('on'); for (;;);", { stop_on_error: false });
    const queued = ["1 + 1", "2 + 2"].map((code) => kernel.run(code));
    await started;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply.ename).toBe("Interrupted");
    expect((await Promise.all(queued)).map(({ result }) => result)).toEqual(["2", "4"]);
  });

  test("an interrupt of a callback at the cell's end does not lose the cell's result", async () => {
    const started = kernel.published(({ content }) => content.text === "end\n");
    const ending = kernel.run(`// @ts-nocheck
      let isFirst = true;
      globalThis[Symbol.for("allroads.kernel")].onCellEnd(() => {
        if (!isFirst) return;
        isFirst = false;
        console.log("end");
        for (;;);
      });
      5`);
    await started;
    await kernel.ask("control", "interrupt_request");
    expect((await ending).result).toBe("5");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("an interrupt ends a cell that waits until its output is read", async () => {
    const started = kernel.published(({ content }) => content.text?.startsWith("x"));
    const running = kernel.run('for (;;) process.stdout.write("x".repeat(1e7))');
    await started;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply.ename).toBe("Interrupted");
  });

  test("an interrupt while idle has no effect", async () => {
    await kernel.ask("control", "interrupt_request");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});

describe("stdin", () => {
  test("a cell waits for input", async () => {
    const requests: unknown[] = [];
    kernel.onInput((content) => {
      requests.push(content);
      return "Ada";
    });
    const { result } = await kernel.run('const who = prompt("Name? "); who + "!"');
    expect(result).toBe("Ada!");
    expect(requests).toEqual([{ prompt: "Name? ", password: false }]);
  });

  test("throws if the client does not allow it", async () => {
    const { reply } = await kernel.run('prompt("?")', { allow_stdin: false });
    expect(reply).toMatchObject({
      status: "error",
      evalue: expect.stringContaining("does not support input"),
    });
  });
});

describe("comms", () => {
  test("a client can open a comm, exchange messages and close it", async () => {
    await kernel.run(`
      const comms = (globalThis as any)[Symbol.for("allroads.kernel")].comms;
      comms.register("echo", (comm: any, { data }: any) => {
        comm.send({ opened: data });
        comm.onMessage = ({ data }: any) => { console.log("got", data.n); comm.send({ twice: 2 * data.n }); };
      });`);
    const opened = kernel.published(({ content }) => content.data?.opened !== undefined);
    kernel.send("comm_open", { comm_id: "c1", target_name: "echo", data: { hello: 1 } });
    expect((await opened).content).toEqual({ comm_id: "c1", data: { opened: { hello: 1 } } });
    const answered = kernel.published(({ content }) => content.data?.twice !== undefined);
    kernel.send("comm_msg", { comm_id: "c1", data: { n: 21 } });
    expect((await answered).content.data).toEqual({ twice: 42 });
    expect((await kernel.ask("shell", "comm_info_request")).comms).toEqual({ c1: { target_name: "echo" } });
    expect((await kernel.ask("shell", "comm_info_request", { target_name: "other" })).comms).toEqual({});
    kernel.send("comm_close", { comm_id: "c1", data: {} });
    await kernel.run("1");
    expect((await kernel.ask("control", "comm_info_request")).comms).toEqual({});
  });

  test("a comm with an unknown target is closed", async () => {
    const closed = kernel.published(({ header }) => header.msg_type === "comm_close");
    kernel.send("comm_open", { comm_id: "c2", target_name: "nobody", data: {} });
    expect((await closed).content.comm_id).toBe("c2");
  });

  test("a cell can open a comm", async () => {
    const { messages } = await kernel.run('comms.open("theirs", { a: 1 }).close(); "done"');
    expect(messages.slice(1, 3).map(({ type }) => type)).toEqual(["comm_open", "comm_close"]);
    expect(messages[1]?.content).toMatchObject({ target_name: "theirs", data: { a: 1 } });
  });
});

describe("the kernel", () => {
  test("ignores messages without a valid signature", async () => {
    const frames = ["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"];
    await kernel.raw(frames);
    await kernel.raw(["noise"]);
    expect((await kernel.run("'here'")).result).toBe("here");
  });

  test("replies to shutdown_request and exits, even while a cell runs", async () => {
    const other = await startKernel(folder);
    onTestFinished(other.stop);
    other.run("for (;;);");
    await new Promise((done) => setTimeout(done, 100));
    expect(await other.ask("control", "shutdown_request", { restart: true })).toEqual({
      status: "ok",
      restart: true,
    });
    await other.ended;
  });

  test("has the history of earlier kernels", async () => {
    const history = join(folder, "history.jsonl");
    const env = { ALLROADS_KERNEL_HISTORY: history };
    const first = await startKernel(folder, env);
    await first.run("'remember me'");
    while (!existsSync(history)) await new Promise((done) => setTimeout(done, 10));
    await first.stop();
    const second = await startKernel(folder, env);
    onTestFinished(second.stop);
    const found = await second.ask("shell", "history_request", {
      hist_access_type: "search",
      pattern: "*remember*",
      output: true,
    });
    expect(found.history).toEqual([[1, 1, ["'remember me'", "remember me"]]]);
  });

  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  /** Starts a kernel from a shell, which ends then. Returns the process id of the kernel. */
  const startFromShell = async (environment: string) => {
    rmSync(join(folder, "leave"), { force: true });
    const shell = `${environment} "$0" "$@" & echo $! > pid; while [ ! -e leave ]; do sleep 0.1; done`;
    const orphan = await startKernel(folder, {}, ["sh", "-c", shell]);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    onTestFinished(async () => {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
      await orphan.stop();
    });
    expect((await orphan.run("1")).result).toBe("1");
    writeFileSync(join(folder, "leave"), "");
    await orphan.ended;
    return { orphan, pid };
  };

  // The variable's value is a handle in Windows.
  test.each(["$$", "1"])("exits when Jupyter does, also if JPY_PARENT_PID is %s", async (value) => {
    const { pid } = await startFromShell(`JPY_PARENT_PID=${value}`);
    while (isAlive(pid)) await new Promise((done) => setTimeout(done, 100));
  });

  test.each(["env -u JPY_PARENT_PID", "JPY_PARENT_PID="])(
    "outlives a shell that has started it by %s, and its terminal",
    async (environment) => {
      const { orphan, pid } = await startFromShell(environment);
      process.kill(pid, "SIGHUP");
      await new Promise((done) => setTimeout(done, 1500));
      expect((await orphan.run("1 + 1")).result).toBe("2");
    },
  );
});
