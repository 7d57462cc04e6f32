import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "endings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(env: Record<string, string> = {}): Promise<KernelClient> {
  const kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off", ...env });
  onTestFinished(kernel.stop);
  return kernel;
}

/** The text that a kernel has published on a stream so far. */
function collectStream(kernel: KernelClient, name: string): () => string {
  let text = "";
  kernel.listen((_, { header, content }) => {
    if (header.msg_type === "stream" && content.name === name) text += content.text;
  });
  return () => text;
}

describe("a cell that ends the process", () => {
  test("by process.exit(0) succeeds, shows what it printed, and the cells behind it are aborted", async () => {
    const kernel = await start();
    const ending = kernel.run(
      "process.on('exit', () => console.log('bye')); console.log('x'); process.exit(0)",
    );
    const queued = kernel.run("1");
    const { reply, messages, printed } = await ending;
    expect(reply.status).toBe("ok");
    expect(printed).toBe("x\nbye\n");
    expect(messages.at(-1)?.content.text).toBe("The kernel has ended: a cell called process.exit(0).\n");
    expect((await queued).reply).toEqual({ status: "aborted" });
    expect(await kernel.ended).toBe(0);
  });

  test.each([
    ["process.exit(3)", 3],
    ["process.abort()", null],
    ["setTimeout(() => process.exit(3)); await new Promise(() => {})", 3],
  ])("by %s is told so", async (code, status) => {
    const kernel = await start();
    const { reply, printed } = await kernel.run(`console.log('x'); ${code}`);
    const [call] = /process\.\w+\(\d?\)/.exec(code) ?? [];
    expect(printed).toBe("x\n");
    expect(reply).toMatchObject({
      status: "error",
      ename: "KernelEnded",
      evalue: `The kernel has ended: a cell called ${call}.`,
    });
    expect(await kernel.ended).toBe(status);
  });

  test("ends those of other shells with it", async () => {
    const kernel = await start();
    const { subshell_id: id } = await kernel.ask("control", "create_subshell_request");
    const waiting = kernel.run("console.log('on'); await new Promise(() => {})");
    await kernel.published(({ content }) => content.text === "on\n");
    const queued = kernel.run("1");
    const { reply } = await kernel.run("process.exit(3)", {}, id);
    expect(reply.ename).toBe("KernelEnded");
    expect((await waiting).reply.ename).toBe("KernelEnded");
    expect((await queued).reply).toEqual({ status: "aborted" });
    expect(await kernel.ended).toBe(3);
  });

  test("by using up its memory is warned before", async () => {
    const kernel = await start({ NODE_OPTIONS: "--max-old-space-size=600" });
    const printed = collectStream(kernel, "stderr");
    kernel.run(`
      const all = [], pause = new Int32Array(new SharedArrayBuffer(4));
      for (let i = 0; ; i++) { all.push(new Array(1e5).fill(i)); Atomics.wait(pause, 0, 0, 8); }`);
    await kernel.ended;
    await vi.waitUntil(() => printed() !== "");
    expect(printed()).toMatch(/^The kernel's memory is nearly full: 0\.\d of at most 0\.6 GB of objects\./);
    expect(printed()).toContain("NODE_OPTIONS=--max-old-space-size=12");
  });
});

test("an interrupt of a native function ends the cell when that ends, and says so", async () => {
  const kernel = await start();
  const running = kernel.run(
    "console.log('on'); require('node:child_process').execSync(\"trap '' INT; exec sleep 3\")",
  );
  await kernel.published(({ content }) => content.text === "on\n");
  await kernel.ask("control", "interrupt_request");
  const { reply, messages } = await running;
  expect(reply.ename).toBe("Interrupted");
  expect(messages.map(({ content }) => content.text ?? "").join("")).toMatch(
    /The interrupt takes effect when the native function .* ends/,
  );
  expect((await kernel.run("1 + 1")).result).toBe("2");
});

describe.skipIf(!existsSync("/proc/self/stat"))("child processes", () => {
  /** The commands of all processes whose environment has a variable. */
  const processesWith = (variable: string) =>
    readdirSync("/proc").flatMap((pid) => {
      try {
        const isOne = readFileSync(`/proc/${pid}/environ`, "latin1").includes(variable);
        return isOne ? [readFileSync(`/proc/${pid}/comm`, "utf8").trim()] : [];
      } catch {
        return [];
      }
    });
  const spawnTwo = (variable: string) => `
    const { spawn } = require("node:child_process");
    const env = { ...process.env, ${variable}: "1" };
    spawn("sleep 300; true", { shell: true, env, stdio: "ignore" });
    spawn("sh", ["-c", "trap '' INT TERM; while :; do sleep 0.1; done"], { env, stdio: "ignore" });`;
  const variable = `ALLROADS_TEST_${process.pid}`;

  test("get interrupts, and are ended with the kernel", async () => {
    const kernel = await start();
    const count = () => processesWith(variable).filter((command) => command !== "sleep").length;
    await kernel.run(spawnTwo(variable));
    await vi.waitUntil(() => count() === 2);
    const waiting = kernel.run(
      `await new Promise((done) => spawn("sleep", ["300"], { env }).on("exit", done))`,
    );
    await vi.waitUntil(() => processesWith(variable).length >= 4);
    await kernel.ask("control", "interrupt_request");
    expect((await waiting).reply.ename).toBe("Interrupted");
    await vi.waitUntil(() => count() === 1);
    await kernel.ask("control", "shutdown_request", { restart: false });
    await kernel.ended;
    await vi.waitUntil(() => processesWith(variable).length === 0);
  });

  test("of the kernel itself get no interrupts", async () => {
    const kernel = await start({ ALLROADS_KERNEL_CHECK: "strict" });
    await kernel.run("const n: number = 1;");
    await kernel.ask("control", "interrupt_request");
    expect((await kernel.run("const s: string = n;")).reply.ename).toBe("TypeScriptError");
    expect((await kernel.run("enum E { A } E.A")).result).toBe("0");
  });
});
