import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

const folder = mkdtempSync(join(tmpdir(), "load-"));
/** Much is done here: a slow machine may need minutes for it. */
const patience = 600_000;
afterAll(() => rmSync(folder, { recursive: true }));

/** The kernel's resident memory in MB, and how many files and sockets it holds (-1 where that cannot be told). */
function holdings(pid: number): { memory: number; handles: number } {
  try {
    const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
    return { memory, handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memory: -1, handles: -1 };
  }
}

/** The main thread's heap in MB, after all garbage is gone. */
async function heap(kernel: KernelClient): Promise<number> {
  const collect = `require("node:v8").setFlagsFromString("--expose-gc"); require("node:vm").runInNewContext("gc")();`;
  const { result } = await kernel.run(`// @ts-nocheck\n${collect} process.memoryUsage().heapUsed / 2 ** 20`);
  return Number(result);
}

const every = [
  (at: number) => `const held = ${at}; held`,
  (at: number) => `const other = { held: ${at} }; function f(x: number) { return x + other.held }`,
  (at: number) => `console.log(${at})`,
  (at: number) => `await ${at}`,
  () => "throw new Error('no')",
  () => "1 +* 2",
];

test(
  "ten thousand cells in a row leave nothing behind",
  async () => {
    const kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
    const runMany = async (from: number, to: number) => {
      const replies = [];
      for (let at = from; at < to; at++) {
        const content = { code: every[at % every.length]!(at), silent: false, stop_on_error: false };
        replies.push(kernel.ask("shell", "execute_request", content));
      }
      return Promise.all(replies);
    };
    await runMany(0, 2000);
    const before = { heap: await heap(kernel), ...holdings(kernel.pid) };
    const replies = await runMany(2000, 10_000);
    expect(replies.filter(({ status }) => status === "error")).toHaveLength(Math.floor(8000 / 3));
    const after = { heap: await heap(kernel), ...holdings(kernel.pid) };
    expect(after.heap - before.heap).toBeLessThan(5);
    expect(after.memory - before.memory).toBeLessThan(120);
    expect(after.handles - before.handles).toBeLessThan(5);
    expect((await kernel.run("f(1) - held")).reply.status).toBe("ok");
    await kernel.stop();
  },
  patience,
);

test(
  "fifty megabytes go in and out: as a cell, printed, shown, asked for and in a comm",
  async () => {
    const kernel = await startKernel(folder);
    const size = 50_000_000;
    const text = "x".repeat(size);
    const cell = await kernel.run(`const long = "${text}"; long.length`);
    expect(cell.result).toBe(String(size));
    expect((await kernel.run("console.log(long)")).printed).toHaveLength(size + 1);
    expect((await kernel.run("long")).result!.length).toBeLessThan(60_000);
    const own = '// @ts-nocheck\nconst { display, comms } = globalThis[Symbol.for("allroads.kernel")];';
    const shown = await kernel.run(`${own} display({ "text/html": long });`);
    expect(shown.messages.at(-1)!.content.data["text/html"]).toHaveLength(size);
    kernel.onInput(() => text);
    expect((await kernel.run("prompt('?')!.length")).result).toBe(String(size));
    await kernel.run(`${own} comms.register("length", (comm, { data }) => comm.send(data.length));`);
    const answered = kernel.published(({ header }) => header.msg_type === "comm_msg");
    kernel.send("comm_open", { comm_id: "c", target_name: "length", data: text });
    expect((await answered).content.data).toBe(size);
    await kernel.stop();
  },
  patience,
);
