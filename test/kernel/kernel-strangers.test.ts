import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { Subscriber } from "zeromq";
import { decode } from "../../kernel/protocol/wire.ts";
import { contentHash } from "../../kernel/session/placeholder-files.ts";
import { type KernelClient, key, startKernel } from "./kernel-client.ts";
import { bytesOf, connectPeer, connectRaw, frameStart, type RawPeer } from "./raw-peer.ts";

// Strangers are other users of the machine: they can connect to the kernel without its key, and write to the temporary
// folder.

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "strangers-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const megabyte = 2 ** 20;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The most memory that a process has had, in MB. */
function peakMemory(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.at(1);
  return Number(kilobytes) / 1024;
}

/** Writes bytes again and again, until the kernel disconnects, or stops reading. */
async function flood({ write }: RawPeer, bytes: Uint8Array, times: number): Promise<void> {
  for (let count = 0; count < times && (await write(bytes)); count++);
}

describe.skipIf(!existsSync("/proc/self/status"))(
  "the kernel's memory stays bounded, and it replies,",
  () => {
    let kernel: KernelClient;
    const start = async () => {
      kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
      onTestFinished(kernel.stop);
      await kernel.run("1");
      return peakMemory(kernel.pid);
    };
    const expectGrowth = async (before: number, most: number) => {
      expect((await kernel.run("1 + 1")).result).toBe("2");
      expect(peakMemory(kernel.pid) - before).toBeLessThan(most);
    };

    test("while a subscriber does not read 320 MB of output", async () => {
      const before = await start();
      const { write } = await connectPeer({ path: kernel.sockets.iopub }, "SUB");
      await write(bytesOf("\u0001"));
      await wait(100);
      let received = 0;
      const stopListening = kernel.listen((_, { content }) => {
        received += String(content.text ?? content.data?.["text/html"] ?? "").length;
      });
      const code = `
      const { display } = (globalThis as any)[Symbol.for("allroads.kernel")];
      for (let i = 0; i < 40; i++) {
        display({ "text/html": "x".repeat(4e6) });
        process.stdout.write("x".repeat(4e6));
      }`;
      await kernel.ask("shell", "execute_request", { code, silent: false });
      await vi.waitUntil(() => received === 320e6, { timeout: 60_000 });
      stopListening();
      await expectGrowth(before, 450);
    });

    test("while it is sent a message without end", async () => {
      const before = await start();
      const frame = Buffer.concat([frameStart(megabyte, true), Buffer.alloc(megabyte)]);
      await flood(await connectPeer({ path: kernel.sockets.shell }, "DEALER"), frame, 600);
      await expectGrowth(before, 350);
    });

    test("while it is sent messages without a valid signature", async () => {
      const before = await start();
      const message = bytesOf("<IDS|MSG>", "0".repeat(64), "{}", "{}", "{}", Buffer.alloc(megabyte));
      await flood(await connectPeer({ path: kernel.sockets.control }, "DEALER"), message, 600);
      await expectGrowth(before, 150);
    });

    test("while many peers send parts of long frames", async () => {
      const before = await start();
      const peers = await Promise.all(
        Array.from({ length: 20 }, () => connectPeer({ path: kernel.sockets.shell }, "DEALER")),
      );
      await Promise.all(peers.map((peer) => peer.write(frameStart(100 * megabyte, false))));
      await Promise.all(peers.map((peer) => flood(peer, Buffer.alloc(megabyte), 60)));
      await expectGrowth(before, 600);
    });

    test("while peers do not complete the handshake, subscribe without end or ignore heartbeats", async () => {
      const before = await start();
      for (let count = 0; count < 500; count++) {
        const { socket, write } = await connectRaw({ path: kernel.sockets.shell });
        await write(Buffer.from([0xff]));
        onTestFinished(() => void socket.destroy());
      }
      const subscriptions = Array.from({ length: 2000 }, (_, index) => bytesOf(`\u0001${index}`.padEnd(900)));
      await flood(await connectPeer({ path: kernel.sockets.iopub }, "SUB"), Buffer.concat(subscriptions), 50);
      const beat = bytesOf("", Buffer.alloc(50_000));
      await flood(await connectPeer({ path: kernel.sockets.hb }, "REQ"), beat, 5000);
      await expectGrowth(before, 100);
      expect(await kernel.heartbeat()).toBe("beat");
    });
  },
);

test("a client that does not read for three seconds gets all of 10,000 outputs", async () => {
  const kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
  onTestFinished(kernel.stop);
  const slow = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
  onTestFinished(() => slow.close());
  slow.connect(`ipc://${kernel.sockets.iopub}`);
  slow.subscribe("display_data");
  await wait(100);
  await kernel.run(`
    const { display } = (globalThis as any)[Symbol.for("allroads.kernel")];
    for (let i = 0; i < 10000; i++) display({ "text/plain": String(i).padEnd(1000) });`);
  await wait(3000);
  for (let count = 0; count < 10_000; count++) {
    const { content } = decode(await slow.receive(), key);
    expect(Number(content.data["text/plain"])).toBe(count);
  }
});

describe("the kernel starts and says why it does not use", () => {
  /** Starts the kernel with a temporary folder and returns what it logs. */
  const logOf = async (temporary: string, env: Record<string, string>): Promise<string> => {
    const log = join(temporary, "log");
    const shell = `exec "$0" "$@" 2> "${log}"`;
    const kernel = await startKernel(folder, { TMPDIR: temporary, ...env }, ["sh", "-c", shell]);
    onTestFinished(kernel.stop);
    expect((await kernel.run("const two: number = 1 + 1; two")).result).toBe("2");
    expect((await kernel.run("const three: string = 3")).reply.ename).toBe("TypeScriptError");
    return readFileSync(log, "utf8");
  };

  test("folders behind links, of the wrong mode, or in places that others can change", async () => {
    const temporary = mkdtempSync(join(folder, "temporary-"));
    const user = process.geteuid?.() ?? 0;
    mkdirSync(join(temporary, "theirs"));
    symlinkSync("theirs", join(temporary, `allroads-kernel-${user}-${contentHash}`));
    mkdirSync(join(temporary, `allroads-kernel-${user}-cache`), { mode: 0o755 });
    const open = join(temporary, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    const lines = (await logOf(temporary, { XDG_CACHE_HOME: open })).split("\n");
    expect(lines.filter((line) => line !== "")).toEqual([
      `Cells are checked more slowly, without placeholder files: ${temporary}/allroads-kernel-${user}-${contentHash} is not a folder.`,
      `The kernel starts without its cache: ${open} can be written to by other users, and ${temporary}/allroads-kernel-${user}-cache is open to other users.`,
    ]);
    expect(existsSync(join(open, "allroads-kernel"))).toBe(true);
  });

  test("nothing if only the home folder cannot be written to", async () => {
    const temporary = mkdtempSync(join(folder, "temporary-"));
    expect(await logOf(temporary, { XDG_CACHE_HOME: "", HOME: "/dev/null" })).toBe("");
  });
});
