import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import type { OutputAddress } from "../shared/thread-messages.ts";
import { busyInterval } from "./printer.ts";

/** A stream of a cell's run that child processes write to. */
interface Target {
  name: "stdout" | "stderr";
  run: number | undefined;
}

/**
 * The output of child processes that inherit the streams of cells. This thread reads it, so that it is shown at once,
 * even while the main thread waits for such a process.
 */
export interface ChildOutput {
  /** Expects a connection for a stream. */
  open(target: Target): Promise<OutputAddress>;
  /** Whether there is a connection, or one is expected. */
  isOpen(): boolean;
  /** Resolves once all that has been written so far is read. */
  settled(): Promise<void>;
}

/** How long `settled` waits for processes that do not stop writing, in ms. */
const settlingTime = 300;

/** The length of a token. A connection that begins with more characters has none, and is ended. */
const tokenLength = randomUUID().length;

/** Other users can connect to an address of Linux's abstract namespace, but do not know a token. */
const newPath = () =>
  process.platform === "linux"
    ? `\0allroads-kernel-${randomUUID()}`
    : path.join(os.tmpdir(), `allroads-${randomUUID()}.s`);

/**
 * Creates the reader.
 *
 * @param isBusy whether no more should be printed for now
 */
export function openChildOutput(
  print: (name: Target["name"], text: string, run: number | undefined) => void,
  isBusy: () => boolean,
): ChildOutput {
  const expected = new Map<string, Target>();
  const connections = new Set<Socket>();
  /** Increases with everything that happens. */
  let events = 0;
  let listening: Promise<string> | undefined;

  /** Stops reading while the clients are too far behind. */
  const waitForClients = (socket: Socket) => {
    if (!isBusy()) return socket.resume();
    socket.pause();
    setTimeout(() => waitForClients(socket), busyInterval);
  };
  const connect = (socket: Socket) => {
    events += 1;
    connections.add(socket);
    let target: Target | undefined;
    let start = "";
    const read = (text: string) => {
      events += 1;
      if (target) {
        print(target.name, text, target.run);
        return waitForClients(socket);
      }
      start += text;
      const end = start.indexOf("\n");
      if (end < 0) {
        if (start.length > tokenLength) socket.destroy();
        return;
      }
      target = expected.get(start.slice(0, end));
      expected.delete(start.slice(0, end));
      if (!target) return socket.destroy();
      const rest = start.slice(end + 1);
      if (rest !== "") read(rest);
    };
    socket.setEncoding("utf8");
    socket.on("data", read);
    socket.on("error", () => {});
    socket.on("close", () => connections.delete(socket));
  };
  const listen = () =>
    new Promise<string>((resolve, reject) => {
      const server: Server = createServer(connect);
      const address = newPath();
      server.on("error", reject);
      server.listen(address, () => resolve(address));
      server.unref();
      if (!address.startsWith("\0")) process.on("exit", () => rmSync(address, { force: true }));
    });

  return {
    async open(target) {
      listening ??= listen();
      const address = await listening;
      const token = randomUUID();
      expected.set(token, target);
      return { path: address, token };
    },
    isOpen: () => expected.size > 0 || connections.size > 0,
    async settled() {
      const until = performance.now() + settlingTime;
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      let before: number;
      do {
        before = events;
        for (let count = 0; count < 3; count++) await turn();
      } while ((events !== before || expected.size > 0) && performance.now() < until);
      expected.clear();
    },
  };
}
