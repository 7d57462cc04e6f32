import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { lstatSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Dealer, Request, Subscriber } from "zeromq";
import type { Endpoint } from "../../../kernel/protocol/connection.ts";
import { commandBytes, greeting, propertyBytes } from "../../../kernel/protocol/zmtp-frames.ts";
import {
  createUnknownPeers,
  openServer,
  type Server,
  type ServerOptions,
} from "../../../kernel/protocol/zmtp-server.ts";
import { temporaryFolder } from "../../temporary.ts";
import { bytesOf, connectPeer, connectRaw, frameStart } from "../raw-peer.ts";

// The clients are those of libzmq, which speaks the protocol independently of the server.

const megabyte = 2 ** 20;

/** A server on a Unix socket, with the messages that it received and its warnings. */
function startServer(options: Partial<ServerOptions> & Pick<ServerOptions, "type">) {
  const endpoint: Endpoint = options.endpoint ?? { path: path.join(temporaryFolder("zmtp"), "s") };
  const received: { identity: Buffer; frames: Buffer[] }[] = [];
  const warnings: string[] = [];
  const server: Server = openServer({
    endpoint,
    longestMessage: 64 * megabyte,
    mostUnread: 8 * megabyte,
    unknownPeers: createUnknownPeers(8 * megabyte),
    onMessage(identity, frames) {
      if (String(frames[0]) === "invalid") return undefined;
      return () => {
        received.push({ identity, frames });
        server.send(identity, frames);
      };
    },
    warn: (message) => warnings.push(message),
    ...options,
  });
  onTestFinished(() => server.close());
  const address = "path" in endpoint ? `ipc://${endpoint.path}` : `tcp://${endpoint.host}:${endpoint.port}`;
  return { server, endpoint, address, received, warnings };
}

/** Connects a client of libzmq. */
function connectClient<T extends Dealer | Request | Subscriber>(socket: T, address: string): T {
  socket.linger = 0;
  socket.connect(address);
  onTestFinished(() => socket.close());
  return socket;
}

/** Waits for a condition, also while timers are faked. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A TCP port that is free. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

afterEach(() => vi.useRealTimers());

describe("clients of libzmq", () => {
  test("exchange messages of any number and length of frames with a ROUTER", async () => {
    const { address, received } = startServer({ type: "ROUTER" });
    const dealer = connectClient(new Dealer({ routingId: "me" }), address);
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 10_000, max: 300_000 }).map((length) => new Uint8Array(length).fill(length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        await dealer.send(frames.map((bytes) => Buffer.from(bytes)));
        const echoed = await dealer.receive();
        expect(echoed.map((bytes) => bytes.toString("hex"))).toEqual(
          frames.map((bytes) => Buffer.from(bytes).toString("hex")),
        );
      }),
      { numRuns: 50 },
    );
    expect(new Set(received.map(({ identity }) => identity.toString()))).toEqual(new Set(["me"]));
  });

  test("connect by TCP, and again after the server was started anew", async () => {
    const endpoint = { host: "127.0.0.1", port: await freePort() };
    const first = startServer({ type: "ROUTER", endpoint });
    const dealer = connectClient(new Dealer({ routingId: "me" }), first.address);
    await dealer.send("one");
    expect(String(await dealer.receive())).toBe("one");
    await first.server.close();
    startServer({ type: "ROUTER", endpoint });
    await dealer.send("two");
    expect(String(await dealer.receive())).toBe("two");
  });

  test("get replies to requests and to pings", async () => {
    const { address, server, warnings } = startServer({ type: "REP" });
    const request = connectClient(
      new Request({ heartbeatInterval: 20, heartbeatTimeout: 200, heartbeatTimeToLive: 200 }),
      address,
    );
    for (const text of ["a", "b"]) {
      await request.send(text);
      expect(String(await request.receive())).toBe(text);
      // Without replies to its pings the client would disconnect and lose the next reply.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(warnings).toEqual([]);
    await server.close();
  });

  test("are sent what they subscribe to", async () => {
    const subscribed: string[] = [];
    const { address, server } = startServer({
      type: "XPUB",
      onSubscription(topic, send) {
        subscribed.push(topic.toString());
        send([Buffer.from(`welcome ${topic}`)]);
      },
    });
    const subscriber = connectClient(new Subscriber(), address);
    subscriber.subscribe("a", "welcome");
    const all = connectClient(new Subscriber(), address);
    all.subscribe();
    await until(() => subscribed.length === 3);
    for (const topic of ["a1", "b1", "a2"]) server.publish([Buffer.from(topic), Buffer.from("body")]);
    const seen: string[] = [];
    while (seen.at(-1) !== "a2") seen.push(String((await subscriber.receive())[0]));
    expect(seen.filter((topic) => !topic.startsWith("welcome"))).toEqual(["a1", "a2"]);
    subscriber.unsubscribe("a");
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.publish([Buffer.from("a3")]);
    server.publish([Buffer.from("welcome last")]);
    expect(String(await subscriber.receive())).toBe("welcome last");
    const texts: string[] = [];
    while (texts.at(-1) !== "welcome last") texts.push(String((await all.receive())[0]));
    expect(texts.filter((text) => !/^welcome (a|welcome)$/.test(text))).toEqual([
      ...["welcome ", "a1", "b1", "a2", "a3", "welcome last"],
    ]);
  });

  test("get everything that was sent before the server is closed", async () => {
    const { address, server } = startServer({
      type: "XPUB",
      onSubscription: () => server.publish([Buffer.from("on")]),
    });
    const subscriber = connectClient(new Subscriber({ receiveHighWaterMark: 0 }), address);
    subscriber.subscribe();
    await subscriber.receive();
    for (let index = 0; index < 1000; index++) server.publish([Buffer.from(String(index).padEnd(5000))]);
    const closing = server.close();
    for (let index = 0; index < 1000; index++) expect(Number((await subscriber.receive())[0])).toBe(index);
    await closing;
  });
});

describe("a client that does not read", () => {
  test("is disconnected, and the others get everything", async () => {
    const { address, endpoint, server, warnings } = startServer({ type: "XPUB" });
    const stalled = await connectPeer(endpoint, "SUB");
    await stalled.write(bytesOf("\u0001"));
    const subscriber = connectClient(new Subscriber({ receiveHighWaterMark: 0 }), address);
    subscriber.subscribe();
    await vi.waitFor(async () => {
      server.publish([Buffer.from("first")]);
      const received = await Promise.race([
        subscriber.receive(),
        new Promise((resolve) => setTimeout(resolve, 20)),
      ]);
      expect(received).toBeDefined();
    });
    const reading = (async () => {
      for (let count = 0; count < 200; ) {
        const [, body] = await subscriber.receive();
        if (body) count += 1;
      }
    })();
    for (let index = 0; index < 200; index++) {
      server.publish([Buffer.from("t"), Buffer.alloc(100_000, index)]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await reading;
    expect(warnings).toEqual([
      `A client was disconnected: it has left more than ${8 * megabyte} bytes unread.`,
    ]);
    stalled.socket.resume();
    await stalled.closed;
  });

  test("for ten seconds is disconnected if it is far behind, unless it catches up meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { endpoint, server, warnings } = startServer({ type: "XPUB", farBehind: megabyte });
    const peer = await connectRaw(endpoint);
    const body = propertyBytes({ "Socket-Type": "SUB" });
    const ready = commandBytes({ name: "READY", body });
    peer.socket.write(Buffer.concat([greeting(), ready, bytesOf("\u0001")]));
    // The greeting and the command READY.
    for (let count = 0; count < 64 + 28; ) count += (await once(peer.socket, "data"))[0].length;
    const publish = () => server.publish([Buffer.alloc(2 * megabyte)]);
    peer.socket.pause();
    await vi.waitFor(() => {
      publish();
      expect(server.isFarBehind()).toBe(true);
    });
    vi.advanceTimersByTime(9000);
    peer.socket.resume();
    await until(() => !server.isFarBehind());
    vi.advanceTimersByTime(2000);
    expect(warnings).toEqual([]);
    peer.socket.pause();
    for (let count = 0; count < 3; count++) publish();
    expect(server.isFarBehind()).toBe(true);
    vi.advanceTimersByTime(10_000);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([
      `A client was disconnected: it has left more than ${megabyte} bytes unread for a while.`,
    ]);
    expect(server.isFarBehind()).toBe(false);
    peer.socket.destroy();
  });

  test("is disconnected if it sends requests without end", async () => {
    const { endpoint, warnings } = startServer({ type: "ROUTER", mostUnread: megabyte });
    const peer = await connectPeer(endpoint, "DEALER");
    for (let count = 0; count < 1000 && (await peer.write(bytesOf(Buffer.alloc(50_000)))); count++);
    expect(warnings).toEqual([`A client was disconnected: it has left more than ${megabyte} bytes unread.`]);
    peer.socket.destroy();
  });

  test("gets few answers to pings and subscriptions", async () => {
    let answered = 0;
    const { endpoint, server, warnings } = startServer({
      type: "XPUB",
      mostUnread: megabyte,
      onSubscription(_, answer) {
        answered += 1;
        answer([Buffer.alloc(1000)]);
      },
    });
    const peer = await connectPeer(endpoint, "SUB");
    const ping = commandBytes({ name: "PING", body: Buffer.alloc(18) });
    const both = Buffer.concat([bytesOf("\u0001t"), ping]);
    const many = Buffer.concat(new Array<Buffer>(1000).fill(both));
    for (let count = 0; count < 20; count++) await peer.write(many);
    await until(() => answered === 20_000);
    let received = 0;
    peer.socket.on("data", ({ length }) => {
      received += length;
    });
    peer.socket.resume();
    // Everything that was kept is sent before the connection is ended.
    await Promise.all([server.close(), peer.closed]);
    expect(received).toBeGreaterThan(2 ** 16);
    // The system's buffers hold some of it, too.
    expect(received).toBeLessThan(5 * megabyte);
    expect(warnings).toEqual([]);
  });
});

describe("a client that has not sent a valid message", () => {
  test("cannot make the server keep a message without end", async () => {
    const { endpoint, warnings, received } = startServer({ type: "ROUTER" });
    for (const start of [frameStart(megabyte, true), Buffer.concat([frameStart(7 * megabyte, true)])]) {
      const { write, closed } = await connectPeer(endpoint, "DEALER");
      const body = Buffer.alloc(start.readUIntBE(3, 6));
      for (let count = 0; count < 100 && (await write(start)) && (await write(body)); count++);
      await closed;
    }
    expect(received).toEqual([]);
    expect(warnings.length).toBeGreaterThan(0);
  });

  test("is disconnected if it needs most, when all of them together need too much", async () => {
    const { endpoint, warnings, received } = startServer({ type: "ROUTER" });
    const sizes = [0.5, 1, 7].map((size) => size * megabyte);
    const peers = await Promise.all(sizes.map(() => connectPeer(endpoint, "DEALER")));
    const ended = new Set<number>();
    for (const [index, { write, closed, socket }] of peers.entries()) {
      closed.then(() => ended.add(index));
      socket.resume();
      await write(frameStart(7.5 * megabyte, false));
      await write(Buffer.alloc(sizes[index]!));
    }
    await until(() => ended.size > 0);
    expect([...ended]).toEqual([2]);
    expect(warnings).toEqual([
      "A client was disconnected: it sent an incomplete message that needs too much memory.",
    ]);
    // The others can complete their messages.
    peers[1]?.socket.destroy();
    await peers[0]?.write(Buffer.alloc(7 * megabyte));
    await until(() => received.length === 1);
    expect(received[0]?.frames[0]).toHaveLength(7.5 * megabyte);
  });

  test("can send longer messages once it has", async () => {
    const { address } = startServer({ type: "ROUTER" });
    const dealer = connectClient(new Dealer(), address);
    await dealer.send("short");
    await dealer.receive();
    await dealer.send(Buffer.alloc(20 * megabyte));
    expect((await dealer.receive())[0]).toHaveLength(20 * megabyte);
  });
});

describe("a connection is ended", () => {
  test.each<[string, ServerOptions["type"], string, Buffer[], string]>([
    [
      "other bytes than a greeting",
      "ROUTER",
      "",
      [Buffer.from("GET / HTTP/1.1\r\n\r\n")],
      "does not speak ZMTP 3",
    ],
    ["the wrong type of socket", "XPUB", "DEALER", [], "its type of socket cannot connect to XPUB"],
    [
      "too many topics",
      "XPUB",
      "SUB",
      Array.from({ length: 1001 }, (_, n) => bytesOf(`\u0001${n}`)),
      "more than 1000 topics",
    ],
    ["a long topic", "XPUB", "SUB", [bytesOf(`\u0001${"x".repeat(1001)}`)], "more than 1000 bytes"],
    [
      "a long heartbeat",
      "REP",
      "REQ",
      [frameStart(65 * megabyte, false)],
      "a message or command of more than",
    ],
    [
      "a long command",
      "REP",
      "REQ",
      [commandBytes({ name: "PING", body: Buffer.alloc(65_536) })],
      "a message or command of more than",
    ],
    ["an error", "REP", "REQ", [Buffer.from([4, 7, 5, 69, 82, 82, 79, 82, 0])], "it reported an error"],
  ])("for %s", async (_, type, socketType, parts, reason) => {
    const { endpoint, warnings } = startServer({ type });
    const peer = socketType ? await connectPeer(endpoint, socketType) : await connectRaw(endpoint);
    peer.socket.resume();
    await peer.write(Buffer.concat(parts));
    await peer.closed;
    expect(warnings).toEqual([expect.stringContaining(reason)]);
  });

  test("after ten seconds without a handshake", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { endpoint, warnings } = startServer({ type: "ROUTER" });
    const silent = await connectRaw(endpoint);
    const complete = await connectRaw(endpoint);
    await Promise.all([silent, complete].map(({ socket }) => once(socket, "data")));
    const body = propertyBytes({ "Socket-Type": "DEALER" });
    complete.socket.write(
      Buffer.concat([greeting(), commandBytes({ name: "READY", body }), bytesOf("hello")]),
    );
    // The echo.
    while (!String(await once(complete.socket, "data")).includes("hello"));
    vi.advanceTimersByTime(9_999);
    expect(warnings).toEqual([]);
    vi.advanceTimersByTime(1);
    await silent.closed;
    expect(warnings).toEqual(["A client was disconnected: it did not complete the handshake."]);
    expect(complete.socket.closed).toBe(false);
    complete.socket.destroy();
  });

  test("if there are a thousand others", async () => {
    const { endpoint, warnings } = startServer({ type: "ROUTER" });
    for (let count = 0; count < 1005; count++) {
      const { socket } = await connectRaw(endpoint);
      onTestFinished(() => void socket.destroy());
    }
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([
      "A client was disconnected: there are more than 1000 connections to one port.",
    ]);
  });
});

describe("of two clients with the same identity", () => {
  test("the second gets messages only once it has sent a valid one", async () => {
    const { address, server, received } = startServer({ type: "ROUTER" });
    const first = connectClient(new Dealer({ routingId: "me" }), address);
    await first.send("one");
    expect(String(await first.receive())).toBe("one");
    const second = connectClient(new Dealer({ routingId: "me" }), address);
    await second.send("invalid");
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.send(Buffer.from("me"), [Buffer.from("secret")]);
    expect(String(await first.receive())).toBe("secret");
    await second.send("two");
    expect(String(await second.receive())).toBe("two");
    expect(received).toHaveLength(2);
  });

  test("the second gets messages once the first has left", async () => {
    const { address, server } = startServer({ type: "ROUTER" });
    const first = connectClient(new Dealer({ routingId: "me" }), address);
    await first.send("one");
    await first.receive();
    const second = connectClient(new Dealer({ routingId: "me" }), address);
    await second.send("invalid");
    first.close();
    const receiving = second.receive();
    const sending = setInterval(() => server.send(Buffer.from("me"), [Buffer.from("hello")]), 10);
    expect(String(await receiving)).toBe("hello");
    clearInterval(sending);
  });
});

test("the file of a socket that an earlier process has left is replaced", async () => {
  const file = path.join(temporaryFolder("zmtp"), "s");
  const script = `require("node:net").createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ["-e", script]);
  expect(lstatSync(file).isSocket()).toBe(true);
  const { address } = startServer({ type: "ROUTER", endpoint: { path: file } });
  const dealer = connectClient(new Dealer(), address);
  await dealer.send("one");
  expect(String(await dealer.receive())).toBe("one");
});
