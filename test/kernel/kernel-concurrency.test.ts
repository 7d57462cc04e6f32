import { mkdtempSync, rmSync } from "node:fs";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "concurrency-"));
  kernel = await startKernel(folder);
  const { reply } = await kernel.run(`// @ts-nocheck
    const comms = globalThis[Symbol.for("allroads.kernel")].comms;
    const sleep = (time) => new Promise((done) => setTimeout(done, time));
    var clicked = undefined;
    comms.register("button", (comm) => {
      comm.onMessage = ({ data }) => { console.log("heard", data.n); clicked?.(data.n); if (data.loop) for (;;); };
    });`);
  expect(reply.status).toBe("ok");
  kernel.send("comm_open", { comm_id: "b", target_name: "button", data: {} });
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

const printed = (text: string) => kernel.published(({ content }) => content.text === text);
const awaitClick = "// @ts-nocheck\nconsole.log('waiting'); await new Promise((done) => { clicked = done; })";

describe("while a cell awaits", () => {
  test("messages of open comms are delivered, also those behind queued cells", async () => {
    const waiting = printed("waiting\n");
    const running = kernel.run(awaitClick);
    const queued = kernel.run("'after'");
    await waiting;
    const heard = printed("heard 7\n");
    kernel.send("comm_msg", { comm_id: "b", data: { n: 7 } });
    expect((await running).result).toBe("7");
    expect((await queued).result).toBe("after");
    // What a handler prints belongs to the comm message.
    expect((await heard).parent_header.msg_type).toBe("comm_msg");
  });

  test("a comm that is opened behind a queued cell waits for it", async () => {
    const first = kernel.run("await sleep(30)");
    const registering = kernel.run(`// @ts-nocheck
      comms.register("late", (comm) => comm.send({ opened: true }))`);
    const opened = kernel.published(({ content }) => content.data?.opened === true);
    kernel.send("comm_open", { comm_id: "l", target_name: "late", data: {} });
    await Promise.all([first, registering, opened]);
  });

  test("the kernel is busy again after a comm message", async () => {
    const waiting = printed("waiting\n");
    const statuses: unknown[] = [];
    const running = kernel.run(awaitClick);
    onTestFinished(
      kernel.listen((_, { header, parent_header, content }) => {
        if (header.msg_type === "status") statuses.push([content.execution_state, parent_header.msg_type]);
      }),
    );
    await waiting;
    kernel.send("comm_msg", { comm_id: "b", data: { n: 1 } });
    await running;
    const idle = statuses.findIndex((status) => String(status) === "idle,comm_msg");
    const end = statuses.findIndex((status) => String(status) === "idle,execute_request");
    if (idle < end) expect(statuses[idle + 1]).toEqual(["busy", "execute_request"]);
    expect(statuses.at(-1)).toEqual([expect.stringMatching(/idle/), expect.anything()]);
  });

  test("an interrupt ends a loop in a handler, and the cell", async () => {
    const waiting = printed("waiting\n");
    const running = kernel.run(awaitClick.replace("done;", "() => {};"));
    await waiting;
    const heard = printed("heard 9\n");
    kernel.send("comm_msg", { comm_id: "b", data: { n: 9, loop: true } });
    await heard;
    await kernel.ask("control", "interrupt_request");
    expect((await running).reply.ename).toBe("Interrupted");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});

describe("subshells", () => {
  test("run cells while a cell of the main shell awaits, and share its variables", async () => {
    const { subshell_id: id } = await kernel.ask("control", "create_subshell_request");
    expect(await kernel.ask("control", "list_subshell_request")).toEqual({ status: "ok", subshell_id: [id] });
    const waiting = printed("waiting\n");
    const main = kernel.run(awaitClick);
    const queued = kernel.run("'main'");
    await waiting;
    const failing = kernel.run("throw new Error('no')", {}, id);
    const aborted = kernel.run("1", {}, id);
    expect((await failing).reply.evalue).toBe("no");
    expect((await aborted).reply.status).toBe("aborted");
    const declared = await kernel.run("const shared: number = 5; console.log('here'); shared", {}, id);
    expect(declared).toMatchObject({ result: "5", printed: "here\n" });
    await kernel.run("// @ts-nocheck\nclicked(3)", {}, id);
    expect((await main).result).toBe("3");
    expect((await queued).result).toBe("main");
    const after = await kernel.run("shared * 2");
    expect(after.result).toBe("10");
    expect(after.reply.execution_count).toBeGreaterThan(declared.reply.execution_count);
    expect(await kernel.ask("control", "delete_subshell_request", { subshell_id: id })).toEqual({
      status: "ok",
    });
    expect((await kernel.run("1", {}, id)).reply).toMatchObject({
      status: "error",
      evalue: expect.stringContaining(`There is no subshell "${id}"`),
    });
  });

  test("an interrupt ends the cells of all shells, and input belongs to the shell that asks", async () => {
    const { subshell_id: id } = await kernel.ask("control", "create_subshell_request");
    const waiting = printed("waiting\n");
    const main = kernel.run(awaitClick, { allow_stdin: false });
    await waiting;
    kernel.onInput(() => "Ada");
    expect((await kernel.run("prompt('?')", {}, id)).result).toBe("Ada");
    const sub = kernel.run("console.log('started'); await new Promise(() => {})", {}, id);
    await printed("started\n");
    await kernel.ask("control", "interrupt_request");
    for (const run of [main, sub]) expect((await run).reply.ename).toBe("Interrupted");
    await kernel.ask("control", "delete_subshell_request", { subshell_id: id });
  });

  test("lines of the standard input are asked for in the shell whose cell reads them", async () => {
    const { subshell_id: id } = await kernel.ask("control", "create_subshell_request");
    const waiting = printed("waiting\n");
    const main = kernel.run(awaitClick, { allow_stdin: false });
    await waiting;
    const asked: unknown[] = [];
    kernel.onInput(({ prompt }) => {
      asked.push(prompt);
      return `answer ${asked.length}`;
    });
    const read = `// @ts-nocheck
      const { createInterface } = require("node:readline/promises");
      const lines = createInterface(process.stdin);
      const line = await lines.question(""); lines.close(); [line, prompt("now?")]`;
    expect((await kernel.run(read, {}, id)).result).toBe("[ 'answer 1', 'answer 2' ]");
    expect(asked).toEqual(["", "now?"]);
    await kernel.run("// @ts-nocheck\nclicked(1)", {}, id);
    await main;
    await kernel.ask("control", "delete_subshell_request", { subshell_id: id });
  });

  test("the time of a cell is printed at its end, not at that of another", async () => {
    const { subshell_id: id } = await kernel.ask("control", "create_subshell_request");
    const waiting = printed("waiting\n");
    const main = kernel.run(`%%time\n${awaitClick}`);
    await waiting;
    const other = await kernel.run("// @ts-nocheck\nclicked(1)", {}, id);
    expect(other.printed).toBe("");
    expect((await main).printed).toMatch(/^waiting\nCPU time: .*\nWall time: .*\n$/);
    await kernel.ask("control", "delete_subshell_request", { subshell_id: id });
  });

  test("are announced, and unknown ones are refused", async () => {
    const { supported_features } = await kernel.ask("control", "kernel_info_request");
    expect(supported_features).toContain("kernel subshells");
    expect(await kernel.ask("control", "delete_subshell_request", { subshell_id: "x" })).toMatchObject({
      status: "error",
      evalue: expect.stringContaining('There is no subshell "x"'),
    });
  });
});

test("usage_request is answered as by ipykernel", async () => {
  await kernel.ask("control", "usage_request");
  await kernel.run("const until = Date.now() + 200; while (Date.now() < until);");
  const usage = await kernel.ask("control", "usage_request");
  expect(usage).toMatchObject({ hostname: os.hostname(), pid: kernel.pid, cpu_count: os.cpus().length });
  expect(usage.kernel_cpu).toBeGreaterThan(10);
  expect(usage.kernel_memory).toBeGreaterThan(20e6);
  expect(usage.host_cpu_percent).toBeGreaterThan(0);
  expect(usage.host_virtual_memory).toMatchObject({ total: os.totalmem(), percent: expect.any(Number) });
});

test("connect_request is answered with the ports of the connection file", async () => {
  expect(await kernel.ask("shell", "connect_request")).toEqual({
    ...{ status: "ok", shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 },
  });
});
