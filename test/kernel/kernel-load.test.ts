import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

/** Timeout of each test, in ms. */
const timeout = 600_000;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "load-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process's resident memory in MB and its number of open file descriptors; both 0 on systems without /proc. */
function resourceUsage(pid: number): { memory: number; handles: number } {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.at(1);
    return { memory: Number(kilobytes) / 1024, handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memory: 0, handles: 0 };
  }
}

/** The main thread's heap in MB after a garbage collection. */
async function heapAfterGc(kernel: KernelClient): Promise<number> {
  const collectGarbage = `require("node:v8").setFlagsFromString("--expose-gc"); require("node:vm").runInNewContext("gc")();`;
  const { result } = await kernel.run(
    `// @ts-nocheck\n${collectGarbage} process.memoryUsage().heapUsed / 2 ** 20`,
  );
  return Number(result);
}

/** The nth cell of a sequence in which cells declare, print, await and fail. Every third cell fails. */
function cellText(n: number): string {
  switch (n % 6) {
    case 0:
      return `const held = ${n}; held`;
    case 1:
      return `const other = { held: ${n} }; function f(x: number) { return x + other.held }`;
    case 2:
      return `console.log(${n})`;
    case 3:
      return `await ${n}`;
    case 4:
      return "throw new Error('no')";
    default:
      return "1 +* 2";
  }
}

test(
  "ten thousand cells leak neither memory nor file descriptors",
  async () => {
    const kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
    onTestFinished(kernel.stop);
    const runMany = async (from: number, to: number) => {
      const replies = [];
      for (let n = from; n < to; n++) {
        const content = { code: cellText(n), silent: false, stop_on_error: false };
        replies.push(kernel.ask("shell", "execute_request", content));
      }
      return Promise.all(replies);
    };
    await runMany(0, 2000);
    const before = { heap: await heapAfterGc(kernel), ...resourceUsage(kernel.pid) };
    const replies = await runMany(2000, 10_000);
    expect(replies.filter(({ status }) => status === "error")).toHaveLength(Math.floor(8000 / 3));
    const after = { heap: await heapAfterGc(kernel), ...resourceUsage(kernel.pid) };
    expect(after.heap - before.heap).toBeLessThan(5);
    expect(after.memory - before.memory).toBeLessThan(120);
    expect(after.handles - before.handles).toBeLessThan(5);
    expect((await kernel.run("f(1) - held")).reply.status).toBe("ok");
  },
  timeout,
);

test(
  "messages of fifty megabytes arrive: as code, stream, display, input and comm message",
  async () => {
    const kernel = await startKernel(folder);
    onTestFinished(kernel.stop);
    const size = 50_000_000;
    const text = "x".repeat(size);
    const cell = await kernel.run(`const long = "${text}"; long.length`);
    expect(cell.result).toBe(String(size));
    expect((await kernel.run("console.log(long)")).printed).toHaveLength(size + 1);
    expect((await kernel.run("long")).result?.length).toBeLessThan(60_000);
    const prelude = '// @ts-nocheck\nconst { display, comms } = globalThis[Symbol.for("allroads.kernel")];';
    const shown = await kernel.run(`${prelude} display({ "text/html": long });`);
    expect(shown.messages.at(-1)?.content.data["text/html"]).toHaveLength(size);
    kernel.onInput(() => text);
    expect((await kernel.run("prompt('?')!.length")).result).toBe(String(size));
    await kernel.run(`${prelude} comms.register("length", (comm, { data }) => comm.send(data.length));`);
    const reply = kernel.published(({ header }) => header.msg_type === "comm_msg");
    kernel.send("comm_open", { comm_id: "c", target_name: "length", data: text });
    expect((await reply).content.data).toBe(size);
  },
  timeout,
);
