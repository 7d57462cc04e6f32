import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

const folder = mkdtempSync(join(tmpdir(), "protocol-"));
let kernel: KernelClient;
beforeAll(async () => {
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

const types = (ran: Awaited<ReturnType<KernelClient["run"]>>) => ran.messages.map(({ type }) => type);

describe("execution", () => {
  test("a cell gives its input, its result and a reply with its number", async () => {
    const first = await kernel.run("40 + 2");
    expect(types(first)).toEqual(["execute_input", "execute_result"]);
    expect(first.messages[0]!.content).toEqual({
      code: "40 + 2",
      execution_count: first.reply.execution_count,
    });
    expect(first.reply).toMatchObject({ status: "ok", user_expressions: {}, payload: [] });
    expect(first.result).toBe("42");
    const second = await kernel.run("const nothing = 1");
    expect(types(second)).toEqual(["execute_input"]);
    expect(second.reply.execution_count).toBe(first.reply.execution_count + 1);
  });

  test("streams come in order, and all of them before idle", async () => {
    const { messages } = await kernel.run(
      'for (let i = 0; i < 2000; i++) console.log(i); console.error("e"); console.log("o"); process.stdout.write("w")',
    );
    const streams = messages.filter(({ type }) => type === "stream").map(({ content }) => content);
    const text = (name: string) =>
      streams
        .filter((each) => each.name === name)
        .map((each) => each.text)
        .join("");
    expect(text("stdout")).toBe(`${Array.from({ length: 2000 }, (_, i) => `${i}\n`).join("")}o\nw`);
    expect(streams.slice(-2).map(({ name, text: last }) => `${name} ${last}`)).toEqual([
      "stderr e\n",
      "stdout o\nw",
    ]);
  });

  test("silent shows nothing; what is not stored does not count", async () => {
    const before = (await kernel.run("1")).reply.execution_count;
    const silent = await kernel.run("console.log('heard'); 5", { silent: true });
    expect(silent.messages).toEqual([]);
    expect(silent.reply).toMatchObject({ status: "ok", execution_count: before });
    const unstored = await kernel.run("6", { store_history: false });
    expect(unstored.result).toBe("6");
    expect((await kernel.run("7")).reply.execution_count).toBe(before + 1);
    const { history } = await kernel.ask("shell", "history_request", { hist_access_type: "tail", n: 2 });
    expect(history.map((entry: unknown[]) => entry[2])).toEqual(["1", "7"]);
  });

  test("user expressions are answered each by itself, also those that fail", async () => {
    const { reply } = await kernel.run("const base = 5", {
      user_expressions: { twice: "base * 2", bad: "base.x.y", worse: "1 +" },
    });
    expect(reply.user_expressions).toMatchObject({
      twice: { status: "ok", data: { "text/plain": "10" } },
      bad: { status: "error", ename: "TypeError" },
      worse: { status: "error", ename: "SyntaxError" },
    });
  });

  test("an error ends the cell, and what waits is aborted unless it asks not to be", async () => {
    const failing = kernel.run("console.log('before'); throw new RangeError('boom')");
    const waiting = [kernel.run("globalThis.ran = true"), kernel.run("2")];
    const failed = await failing;
    expect(types(failed)).toEqual(["execute_input", "stream", "error"]);
    expect(failed.reply).toMatchObject({ status: "error", ename: "RangeError", evalue: "boom" });
    for (const { reply } of await Promise.all(waiting)) expect(reply.status).toBe("aborted");
    expect((await kernel.run("(globalThis as any).ran")).result).toBeUndefined();

    const tolerant = kernel.run("throw new Error('again')", { stop_on_error: false });
    const after = kernel.run("3");
    expect((await tolerant).reply.status).toBe("error");
    expect((await after).result).toBe("3");
  });

  test("displays are shown, replaced and cleared", async () => {
    const { messages } = await kernel.run(`
      import * as tslab from "tslab";
      const place = tslab.newDisplay();
      place.html("<b>1</b>");
      place.html("<b>2</b>");
      tslab.display.png(new Uint8Array([1, 2, 3]));`);
    const [shown, replaced, image] = messages.slice(1);
    expect([shown!.type, replaced!.type]).toEqual(["display_data", "update_display_data"]);
    expect(replaced!.content.data).toEqual({ "text/html": "<b>2</b>" });
    expect(replaced!.content.transient).toEqual(shown!.content.transient);
    expect(image!.content.data).toEqual({ "image/png": "AQID" });
  });

  test("errors that nobody waits for are printed and harm nothing", async () => {
    const { messages, result } = await kernel.run(`
      setTimeout(() => { throw new Error("late") }, 1);
      Promise.reject(new Error("unheard"));
      await new Promise((done) => setTimeout(done, 50));
      "still here"`);
    const printed = messages.map(({ content }) => content.text ?? "").join("");
    expect(printed).toContain("Error: late");
    expect(printed).toContain("Error: unheard");
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
    ["an error that nobody catches", 'setTimeout(() => { throw new Error("late") }, 20)'],
    ["a promise that nobody waits for", 'setTimeout(() => Promise.reject(new Error("late")), 20)'],
    [
      "a display",
      `setTimeout(() => globalThis[Symbol.for("allroads.kernel")].display({ "text/plain": "late" }), 20)`,
    ],
  ])("of %s goes to the cell that brought it about", async (_, code) => {
    const heard = kernel.published(({ content }) =>
      /late/.test(content.text ?? content.data?.["text/plain"] ?? ""),
    );
    const first = kernel.run(`// @ts-nocheck\n${code}; 0`);
    const second = kernel.run(`${sleep}; console.log("mine")`);
    const input = await kernel.published(({ content }) => content.code?.includes(code));
    expect((await heard).parent_header.msg_id).toBe(input.parent_header.msg_id);
    await first;
    expect((await second).printed).toBe("mine\n");
  });

  test("a function's output goes to the cell that calls it, and a silent cell stays silent", async () => {
    await kernel.run("function speak() { console.log('spoken') }");
    expect((await kernel.run("speak()")).printed).toBe("spoken\n");
    await kernel.run("setTimeout(() => console.log('whispered'), 10)", { silent: true });
    expect((await kernel.run(sleep)).messages.map(({ type }) => type)).toEqual(["execute_input"]);
  });
});

describe("while a cell computes", () => {
  test("heartbeat, control, completion and kernel_info answer, and its output is seen", async () => {
    const seen = kernel.published(({ content }) => content.text === "working\n");
    const running = kernel.run(
      "console.log('working'); const until = Date.now() + 1500; while (Date.now() < until);",
    );
    await seen;
    const answers = Promise.all([
      kernel.heartbeat(),
      kernel.ask("control", "kernel_info_request"),
      kernel.ask("shell", "kernel_info_request"),
      kernel.ask("shell", "complete_request", { code: "Math.hy", cursor_pos: 7 }),
      kernel.ask("shell", "is_complete_request", { code: "f(" }),
    ]);
    const first = await Promise.race([answers.then(() => "answers"), running.then(() => "cell")]);
    expect(first).toBe("answers");
    const [beat, info, , completion, complete] = await answers;
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
    ["a loop of continuations", "for (;;) { state++; await null; for (let at = 0; at < 1e5; at++); }"],
    ["a loop in a timer", "setTimeout(() => { for (;;) state++; }, 1); await new Promise(() => {});"],
    ["an await that never ends", "state++; await new Promise(() => {});"],
    ["a loop of awaits", `try { for (;;) { state++; await ${sleep}; } } finally { state = -1; }`],
    ["a wait for another thread", "state++; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
  ])("%s is interrupted, by message and by signal, with the state kept", async (name, code) => {
    for (const way of ["message", "signal"]) {
      await kernel.run("var state = 0;");
      const seen = kernel.published(({ content }) => content.text === "on\n");
      const running = kernel.run(`console.log("on"); ${code}`);
      await seen;
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

  test("an interrupt without a cell does nothing", async () => {
    await kernel.ask("control", "interrupt_request");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});

describe("stdin", () => {
  test("a cell asks, and waits, also for a password", async () => {
    const asked: unknown[] = [];
    kernel.onInput((content) => {
      asked.push(content);
      return "Ada";
    });
    const { result } = await kernel.run('const who = prompt("Name? "); who + "!"');
    expect(result).toBe("Ada!");
    expect(asked).toEqual([{ prompt: "Name? ", password: false }]);
  });

  test("is refused where the client allows none", async () => {
    const { reply } = await kernel.run('prompt("?")', { allow_stdin: false });
    expect(reply).toMatchObject({ status: "error", evalue: expect.stringContaining("gives no input") });
  });
});

describe("comms", () => {
  test("a client opens one, speaks, and closes it", async () => {
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

  test("one for an unknown target is closed at once", async () => {
    const closed = kernel.published(({ header }) => header.msg_type === "comm_close");
    kernel.send("comm_open", { comm_id: "c2", target_name: "nobody", data: {} });
    expect((await closed).content.comm_id).toBe("c2");
  });

  test("a cell opens one", async () => {
    const { messages } = await kernel.run('comms.open("theirs", { a: 1 }).close(); "done"');
    expect(messages.slice(1, 3).map(({ type }) => type)).toEqual(["comm_open", "comm_close"]);
    expect(messages[1]!.content).toMatchObject({ target_name: "theirs", data: { a: 1 } });
  });
});

describe("the life of a kernel", () => {
  test("what is not signed by its key is not heard", async () => {
    const frames = ["<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", "{}"];
    await kernel.raw(frames);
    await kernel.raw(["noise"]);
    expect((await kernel.run("'here'")).result).toBe("here");
  });

  test("shutdown is answered, with its restart, and ends the process, whatever it computes", async () => {
    const other = await startKernel(folder);
    other.run("for (;;);");
    await new Promise((done) => setTimeout(done, 100));
    expect(await other.ask("control", "shutdown_request", { restart: true })).toEqual({
      status: "ok",
      restart: true,
    });
    await other.ended;
    await other.stop();
  });

  test("history outlasts a kernel", async () => {
    const history = join(folder, "history.jsonl");
    const env = { ALLROADS_KERNEL_HISTORY: history };
    const first = await startKernel(folder, env);
    await first.run("'remember me'");
    while (!existsSync(history)) await new Promise((done) => setTimeout(done, 10));
    await first.stop();
    const second = await startKernel(folder, env);
    const found = await second.ask("shell", "history_request", {
      hist_access_type: "search",
      pattern: "*remember*",
      output: true,
    });
    expect(found.history).toEqual([[1, 1, ["'remember me'", "remember me"]]]);
    await second.stop();
  });

  test("a kernel ends when its parent does", async () => {
    const parent = '"$0" "$@" & echo $! > pid; while [ ! -e leave ]; do sleep 0.1; done';
    const orphan = await startKernel(folder, {}, ["sh", "-c", parent]);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect((await orphan.run("1")).result).toBe("1");
    writeFileSync(join(folder, "leave"), "");
    await orphan.ended;
    const alive = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (alive()) await new Promise((done) => setTimeout(done, 100));
    await orphan.stop();
  });
});
