import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { live, type MimeBundle, progress, show } from "../../../kernel/display/index.ts";

const display = Symbol.for("Jupyter.display");

interface Message {
  data: MimeBundle;
  transient: { display_id?: string };
}

/** Puts a module that looks like tslab into the module cache. It records the messages. */
function startFakeTslab() {
  const folder = mkdtempSync(join(tmpdir(), "kernel-"));
  const path = join(folder, "tslab", "dist", "jupyter.js");
  mkdirSync(join(folder, "tslab", "dist"), { recursive: true });
  writeFileSync(
    path,
    `exports.lastWriteDisplayData = null;
     exports.ZmqServer = class { publishStatus(status) { this.statuses.push(status); } };`,
  );
  const require = createRequire(join(folder, "cell.js"));
  const tslab = require(path);
  const sent: { message: Message; update: boolean }[] = [];
  tslab.lastWriteDisplayData = (message: Message, update: boolean) => {
    sent.push({ message: structuredClone(message), update });
  };
  const server = Object.assign(new tslab.ZmqServer(), { statuses: [] as string[], iopub: {} });
  const texts = () => sent.map(({ message }) => message.data["text/plain"]);
  const stop = () => {
    tslab.lastWriteDisplayData = null;
    delete require.cache[path];
    rmSync(folder, { recursive: true });
  };
  return { sent, texts, server, stop };
}

describe("on tslab", () => {
  let kernel: ReturnType<typeof startFakeTslab>;
  beforeEach(() => {
    vi.useFakeTimers();
    kernel = startFakeTslab();
  });
  afterEach(() => {
    kernel.stop();
    vi.useRealTimers();
  });

  test("show sends a bundle as one message, with bytes as base64", async () => {
    const bundle = {
      "application/x+json": { a: 1 },
      "image/png": new Uint8Array([1, 2]),
      "text/plain": "x",
      "a/b": undefined,
    };
    await show({ [display]: async () => bundle });
    expect(kernel.sent).toEqual([
      {
        message: {
          data: { "application/x+json": { a: 1 }, "image/png": "AQI=", "text/plain": "x" },
          metadata: {},
          transient: {},
        },
        update: false,
      },
    ]);
  });

  test("show sends a synchronous bundle before it returns", () => {
    show("now");
    expect(kernel.texts()).toEqual(["now"]);
  });

  test("a live display is sent once and then updated by its id", async () => {
    const view = live();
    view.update(1);
    vi.advanceTimersByTime(300);
    view.update(2);
    await view.finish(3);
    expect(kernel.texts()).toEqual(["1", "2", "3"]);
    expect(kernel.sent.map(({ update }) => update)).toEqual([false, true, true]);
    const ids = new Set(kernel.sent.map(({ message }) => message.transient.display_id));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/./);
  });

  test("fast updates are skipped to keep the rate, but not the last", () => {
    const view = live({ perSecond: 4 });
    for (let step = 0; step < 1000; step++) {
      view.update(step);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(1000);
    expect(kernel.sent.length).toBeGreaterThanOrEqual(4);
    expect(kernel.sent.length).toBeLessThanOrEqual(6);
    expect(kernel.texts().at(-1)).toBe("999");
  });

  test("a loop in which no timer fires still updates the display", () => {
    const clock = vi.spyOn(performance, "now");
    const view = live({ perSecond: 4 });
    for (let step = 0; step <= 1000; step += 10) {
      clock.mockReturnValue(step);
      view.update(step);
    }
    clock.mockRestore();
    expect(kernel.texts()).toEqual(["0", "250", "500", "750", "1000"]);
  });

  test("a pending update is sent before the idle status of the cell", () => {
    const view = live();
    view.update("first");
    view.update("last");
    expect(kernel.texts()).toEqual(["first"]);
    kernel.server.publishStatus("busy");
    expect(kernel.texts()).toEqual(["first"]);
    kernel.server.publishStatus("idle");
    expect(kernel.texts()).toEqual(["first", "last"]);
    expect(kernel.server.statuses).toEqual(["busy", "idle"]);
  });

  test("tslab's socket is configured not to lose messages", () => {
    show(1);
    kernel.server.publishStatus("busy");
    expect(kernel.server.iopub).toEqual({ sendTimeout: 0, sendHighWaterMark: 0 });
  });

  test("slow displays are shown in order", async () => {
    const slow = (name: string, wait: number) => ({
      [display]: () => new Promise((resolve) => setTimeout(() => resolve({ "text/plain": name }), wait)),
    });
    const view = live();
    view.update(slow("first", 500));
    view.update(slow("skipped", 1));
    view.update(slow("second", 1));
    await vi.advanceTimersByTimeAsync(2000);
    expect(kernel.texts()).toEqual(["first", "second"]);
  });

  test("a failing display shows its error and does not throw", async () => {
    const view = live();
    view.update({
      [display]: () => {
        throw new Error("no ink");
      },
    });
    vi.advanceTimersByTime(300);
    await view.finish("fine");
    expect(kernel.texts()).toEqual(["This could not be shown: no ink", "fine"]);
  });

  test("progress estimates the time left from its first update, and ends with one line", async () => {
    const bar = progress("DPO");
    vi.advanceTimersByTime(1000);
    bar.update(500, 1000);
    vi.advanceTimersByTime(2000);
    bar.update(600, 1000, "loss 0.6");
    await bar.finish();
    expect(kernel.texts()).toEqual([
      "DPO: 50 % · 500 of 1000 · 1.0 s elapsed",
      "DPO: 60 % · 600 of 1000 · 3.0 s elapsed · 8.0 s left · loss 0.6",
      "DPO: 600 of 1000 in 3.0 s · loss 0.6",
    ]);
  });
});

describe("outside Jupyter", () => {
  const written = { stdout: "", stderr: "" };
  const tty = process.stderr.isTTY;
  beforeEach(() => {
    written.stdout = written.stderr = "";
    for (const name of ["stdout", "stderr"] as const) {
      vi.spyOn(process[name], "write").mockImplementation((text) => {
        written[name] += text;
        return true;
      });
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.stderr.isTTY = tty;
  });

  test("show prints plain text, and a live display prints its last state", async () => {
    await show({ columns: ["x"], index: [0], values: [[1]] });
    const view = live();
    for (let step = 0; step < 10; step++) view.update(step);
    await view.finish();
    await live().finish();
    expect(written).toEqual({ stdout: "x\n1\n9\n", stderr: "" });
  });

  test("progress is a status line on a terminal, and silent otherwise", async () => {
    process.stderr.isTTY = false;
    const silent = progress("A");
    silent.update(1, 2);
    await silent.finish();
    expect(written).toEqual({ stdout: "", stderr: "" });
    process.stderr.isTTY = true;
    const bar = progress("B");
    bar.update(1, 2);
    bar.update(2, 2);
    await bar.finish("done");
    const lines = written.stderr.replaceAll("\r\x1b[K", "|").replaceAll(/[0-9.]+ s/g, "0 s");
    expect(lines).toBe("|B: 50 % · 1 of 2 · 0 s elapsed|B: 2 of 2 in 0 s · done\n");
  });
});
