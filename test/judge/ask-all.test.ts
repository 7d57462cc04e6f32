import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fileSystem } from "../../src/files/file-system.ts";
import { openAnswers } from "../../src/judge/answer-cache.ts";
import { type Asked, type Asking, askAll } from "../../src/judge/ask-all.ts";
import { openEndpoint, RequestError } from "../../src/judge/chat-request.ts";
import { endpointOf } from "../../src/judge/endpoint.ts";
import type { JudgeProgress } from "../../src/judge/judge.ts";
import { temporaryFolder } from "../temporary.ts";
import { type ChatServer, chatServer, type Reaction, type Received } from "./chat-server.ts";

beforeEach(() => vi.stubEnv("OPENAI_API_KEY", ""));
afterEach(() => vi.unstubAllEnvs());

const messages = (count: number) => Array.from({ length: count }, (_, at) => `message ${at}`);

interface Options extends Partial<Omit<Asking, "cache" | "open">> {
  readonly folder?: string;
  readonly timeout?: number;
}

/** The answers of a server to messages, with short pauses. */
function ask(server: ChatServer, texts: readonly string[], options: Options = {}): Promise<Asked[]> {
  const { folder = temporaryFolder("answers"), timeout = 30, pace, ...rest } = options;
  const endpoint = endpointOf({ model: "judge", baseUrl: server.baseUrl, timeout });
  return askAll(
    texts.map((message) => ({ ...endpoint, message })),
    {
      cache: openAnswers(folder),
      budget: {},
      prices: undefined,
      open: () => openEndpoint(endpoint),
      ...rest,
      pace: { firstPause: 0.005, retries: 3, ...pace },
    },
  );
}

const texts = (answers: readonly Asked[]) =>
  answers.map((answer) => (answer instanceof RequestError ? answer.message : answer.text));

/** Every file below a folder with its bytes. */
const contents = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [name, readFileSync(path.join(folder, name), "utf8")]);

const echo = ({ content }: Received): Reaction => `answer to ${content}`;

describe("askAll", () => {
  test("gives the answers in the order of the requests and asks equal ones once", async () => {
    const server = await chatServer(async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
      return echo(request);
    });
    const wanted = [...messages(12), "message 3"];
    expect(texts(await ask(server, wanted))).toEqual(wanted.map((one) => `answer to ${one}`));
    expect(server.received).toHaveLength(12);
  });

  test("asks nothing that the cache has, and then does not even open the server", async () => {
    const server = await chatServer(echo);
    const folder = temporaryFolder("answers");
    const first = await ask(server, messages(3), { folder });
    expect(await ask(server, messages(4), { folder })).toEqual([...first, expect.anything()]);
    expect(server.received).toHaveLength(4);
    const open = vi.fn();
    const endpoint = endpointOf({ model: "judge", baseUrl: server.baseUrl });
    const requests = messages(4).map((message) => ({ ...endpoint, message }));
    await askAll(requests, { cache: openAnswers(folder), budget: {}, prices: undefined, pace: {}, open });
    expect(open).not.toHaveBeenCalled();
  });

  test.each<[string, Reaction]>([
    ["hangs up", "hang up"],
    ["is silent", "stay silent"],
    ["stalls in mid-answer", "stall"],
    ["answers 429", { status: 429, body: "{}" }],
    ["answers 500", { status: 500, body: "oops" }],
    ["answers nothing", { body: "" }],
    ["answers garbage", { body: "<html>" }],
    ["cuts its JSON", { body: '{"choices": [{"mess' }],
  ])("repeats a request until a server that %s answers", async (_, failure) => {
    const server = await chatServer((request) => (request.times <= 2 ? failure : echo(request)));
    const answers = await ask(server, messages(5), { timeout: 0.5, pace: { retries: 6 } });
    expect(texts(answers)).toEqual(messages(5).map((one) => `answer to ${one}`));
    expect(server.received.length).toBeGreaterThanOrEqual(15);
  });

  test("waits for all requests as long as a server asks", async () => {
    let asked = 0;
    let paused = false;
    const times: number[] = [];
    const server = await chatServer((request) => {
      times.push(performance.now());
      if (++asked !== 3) return echo(request);
      paused = true;
      return { status: 429, headers: { "retry-after": "0.4" }, body: "{}" };
    });
    await ask(server, messages(10), { pace: { concurrency: 1 } });
    expect(paused).toBe(true);
    expect(times[3]! - times[2]!).toBeGreaterThan(390);
    expect(server.received).toHaveLength(11);
  });

  test("keeps to the number of requests at a time, and to the rate", async () => {
    const slowly = async (request: Received) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      return echo(request);
    };
    const server = await chatServer(slowly);
    await ask(server, messages(12), { pace: { concurrency: 3 } });
    expect(server.mostOpen()).toBe(3);
    const started = performance.now();
    await ask(await chatServer(echo), messages(6), { pace: { requestsPerMinute: 1200 } });
    expect(performance.now() - started).toBeGreaterThan(240);
  });

  test("goes on without a message that fails in all tries, and asks it again the next time", async () => {
    let broken = true;
    const server = await chatServer((request) =>
      broken && request.content === "message 1" ? { status: 500, body: "oops" } : echo(request),
    );
    const folder = temporaryFolder("answers");
    expect(texts(await ask(server, messages(3), { folder }))).toEqual([
      "answer to message 0",
      expect.stringContaining("answered 500 oops"),
      "answer to message 2",
    ]);
    broken = false;
    expect(texts(await ask(server, messages(3), { folder }))[1]).toBe("answer to message 1");
    expect(server.received).toHaveLength(2 + 4 + 1);
  });

  test("ends if the server is down, keeps what was answered, and says how much", async () => {
    const server = await chatServer((request) =>
      Number(request.content.slice(8)) < 4 ? echo(request) : { status: 503, body: "down" },
    );
    const folder = temporaryFolder("answers");
    const run = ask(server, messages(40), { folder, pace: { concurrency: 2, retries: 1 } });
    await expect(run).rejects.toThrow(
      /^127\.0\.0\.1:\d+ answered 503 down\. 4 of 40 answers are kept: run the same again for the others\.$/,
    );
    expect(contents(folder)).toHaveLength(4);
    expect(server.received.length).toBeLessThan(40);
  });

  test("says why if there are few requests and none is answered", async () => {
    const server = await chatServer(() => "hang up");
    await expect(ask(server, messages(2), { pace: { retries: 1 } })).rejects.toThrow(
      "could not be reached (other side closed). 0 of 2 answers are kept",
    );
  });

  test("ends at once if no request can work, but keeps answers that are under way", async () => {
    const server = await chatServer(async (request) => {
      if (request.content === "message 1") return { status: 401, body: "{}" };
      await new Promise((resolve) => setTimeout(resolve, 300));
      return echo(request);
    });
    const folder = temporaryFolder("answers");
    const run = ask(server, messages(20), { folder, pace: { concurrency: 4 } });
    await expect(run).rejects.toThrow("check the key in OPENAI_API_KEY. 3 of 20 answers are kept");
    expect(contents(folder)).toHaveLength(3);
    expect(server.received).toHaveLength(4);
  });

  test("ends if answers cannot be kept, and pays for no more", async () => {
    const server = await chatServer(echo);
    const rename = vi.spyOn(fileSystem, "renameSync").mockImplementation(() => {
      throw new Error("ENOSPC: no space left on device");
    });
    onTestFinished(() => rename.mockRestore());
    const run = ask(server, messages(20), { pace: { concurrency: 2 } });
    await expect(run).rejects.toThrow(
      /^The folder of answers .* cannot be written \(ENOSPC: no space left on device\)\. 0 of 20 answers are kept/,
    );
    expect(server.received.length).toBeLessThanOrEqual(3);
  });

  test("does not wait for hours", async () => {
    const server = await chatServer(() => ({ status: 429, headers: { "retry-after": "7200" }, body: "{}" }));
    await expect(ask(server, messages(1))).rejects.toThrow("asks to wait 120 minutes");
  });

  test("stops before the budget is exceeded, repeated requests included", async () => {
    const server = await chatServer((request) =>
      request.times === 1 ? { status: 500, body: "" } : echo(request),
    );
    const folder = temporaryFolder("answers");
    const run = ask(server, messages(10), { folder, budget: { requests: 7 }, pace: { concurrency: 1 } });
    await expect(run).rejects.toThrow(
      /^The next request would make it 8 requests, and the budget is 7\. \d of 10/,
    );
    expect(server.received).toHaveLength(7);
    const costly = ask(server, messages(10), {
      budget: { money: 0.5 },
      prices: { input: 1000, output: 0 },
      pace: { concurrency: 1, retries: 5 },
    });
    await expect(costly).rejects.toThrow("in money, and the budget is 0.5");
  });

  test("reports progress with the time left and what was used", async () => {
    const server = await chatServer(echo);
    const folder = temporaryFolder("answers");
    await ask(server, messages(1), { folder });
    const seen: JudgeProgress[] = [];
    const prices = { input: 2, output: 10 };
    await ask(server, messages(4), { folder, prices, onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
    expect(seen[0]?.secondsLeft).toBeUndefined();
    expect(seen[1]?.secondsLeft).toBeGreaterThan(0);
    expect(seen[3]).toMatchObject({
      secondsLeft: 0,
      used: { requests: 3, inputTokens: 900, outputTokens: 120, money: expect.closeTo(0.003) },
    });
  });

  test("ends with the reason of its signal", async () => {
    const server = await chatServer(() => "stay silent");
    const run = ask(server, messages(30), { signal: AbortSignal.timeout(60) });
    await expect(run).rejects.toThrow(/aborted due to timeout/);
  });

  test("goes on after a stop to the bytes of a run without one, and repeats no answered request", async () => {
    let [mute, answered] = [false, 0];
    const server = await chatServer((request) => (mute && ++answered > 8 ? "stay silent" : echo(request)));
    const [whole, parts] = [temporaryFolder("answers"), temporaryFolder("answers")];
    const pace = { concurrency: 3 };
    const expected = await ask(server, messages(20), { folder: whole, pace });

    mute = true;
    const stop = new AbortController();
    const onProgress = ({ done }: JudgeProgress) => done === 8 && stop.abort(new Error("stopped"));
    const options = { folder: parts, pace, timeout: 30 };
    const run = ask(server, messages(20), { ...options, signal: stop.signal, onProgress });
    await expect(run).rejects.toThrow("stopped");
    const kept = contents(parts);
    expect(kept).toHaveLength(8);

    mute = false;
    expect(await ask(server, messages(20), options)).toEqual(expected);
    // Once for the whole run and once for the one in parts.
    for (const [, text = ""] of kept) {
      const { message } = JSON.parse(text).request;
      expect(server.received.filter(({ content }) => content === message)).toHaveLength(2);
    }
    expect(contents(parts)).toEqual(contents(whole));
  });
});
