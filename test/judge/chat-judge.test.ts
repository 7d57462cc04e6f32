import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ChatJudgeOptions, chatJudge, drawnOrder } from "../../src/judge/chat-judge.ts";
import type { TextContest } from "../../src/judge/judge.ts";
import { judgedWinRate } from "../../src/judge/judged-win-rate.ts";
import { temporaryFolder } from "../temporary.ts";
import { chatServer, type Reaction, type Received } from "./chat-server.ts";

const KEY = "sk-secret-12345678";
let folder: string;

beforeEach(() => {
  vi.stubEnv("OPENAI_API_KEY", KEY);
  folder = temporaryFolder("answers");
});
afterEach(() => vi.unstubAllEnvs());

/** Contests whose completion is `good` on the first `wins` prompts and `bad` on the others; the reference is `fair`. */
const contests = (count: number, wins: number, seed = 1): TextContest[] =>
  Array.from({ length: count }, (_, at) => ({
    seed,
    text: {
      prompt: `SUBREDDIT: r/tests\n\nTITLE: ${at}\n\nPOST: Post ${at}.\n\nTL;DR:`,
      completion: at < wins ? `good${"!".repeat(at % 4)}` : `bad${"!".repeat(at % 3)}`,
      reference: "fair",
    },
  }));

const rank = (summary: string) => ["bad", "fair", "good"].findIndex((word) => summary.startsWith(word));
/** The two summaries of a message. */
function summaries(content: string): [string, string] {
  const [, a = "", b = ""] = /Summary A:\n(.*)\n\n### Summary B:\n(.*)\n/.exec(content) ?? [];
  return [a, b];
}
/** A judge that always sees which summary is better. */
const fairly = ({ content }: Pick<Received, "content">): Reaction => {
  const [a, b] = summaries(content);
  return `Comparison: One is better.\nPreferred: ${rank(a) > rank(b) ? "A" : "B"}`;
};

async function opened(
  react: (request: Received) => Reaction | Promise<Reaction>,
  options: Partial<ChatJudgeOptions> = {},
) {
  const server = await chatServer(react);
  const base = { model: "judge", baseUrl: server.baseUrl, folder, firstPause: 0.005 };
  return { server, judge: chatJudge({ ...base, ...options }) };
}
const silent = { print: () => {} };

describe("chatJudge", () => {
  test("finds which completions are better, whichever comes first", async () => {
    const { server, judge } = await opened(fairly);
    const judgements = await judge.judge(contests(40, 25));
    expect(judgements.map(({ outcome }) => outcome)).toEqual([...Array(25).fill(1), ...Array(15).fill(0)]);
    const first = judgements.map(({ showings }) => showings?.[0]?.completionFirst);
    expect(new Set(first)).toEqual(new Set([true, false]));
    expect(server.received).toHaveLength(40);
    expect(server.received[0]?.content).toContain("### Post:\nSUBREDDIT: r/tests\n\nTITLE:");
  });

  test("draws the order from the seed and the prompt alone", () => {
    const orders = contests(2000, 0).map(drawnOrder);
    const share = orders.filter(Boolean).length / orders.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.05);
    expect(contests(2000, 2000).map(drawnOrder)).toEqual(orders);
    expect(contests(50, 0).map(drawnOrder)).toEqual(orders.slice(0, 50));
    expect(contests(2000, 0, 2).map(drawnOrder)).not.toEqual(orders);
    // The first orders of seed 1: they may never change, or cached answers would be of no use.
    expect(orders.slice(0, 12).map(Number).join("")).toBe("010101001011");
  });

  test("in both orders makes a tie of a judge that always takes the first", async () => {
    const { server, judge } = await opened(() => "Preferred: A", { order: "both" });
    const rate = await judgedWinRate(judge, contests(10, 5), silent);
    expect(server.received).toHaveLength(20);
    expect(rate).toMatchObject({ winRate: { mean: 0.5 }, firstWins: { mean: 1 }, consistent: { mean: 0 } });
    const fair = await opened(fairly, { order: "both" });
    expect(await judgedWinRate(fair.judge, contests(10, 5), silent)).toMatchObject({
      winRate: { mean: 0.5 },
      firstWins: { mean: 0.5 },
      consistent: { mean: 1 },
    });
  });

  test("makes a tie of equal texts without asking", async () => {
    const { server, judge } = await opened(fairly, { order: "both" });
    const [first, second] = contests(2, 1) as [TextContest, TextContest];
    const equal = { ...first, text: { ...first.text, completion: " fair\n" } };
    const judgements = await judge.judge([equal, second]);
    expect(judgements).toEqual([{ outcome: 0.5 }, { outcome: 0, showings: expect.anything() }]);
    expect(server.received).toHaveLength(2);
    expect(judge.estimate?.([equal])).toMatchObject({ answers: 0, needed: { requests: 0 } });
    expect(await judge.judge([equal])).toEqual([{ outcome: 0.5 }]);
  });

  test("never counts an answer without a choice as won or lost", async () => {
    const strange: Record<number, Reaction> = {
      0: "I'm sorry, but I can't compare these.",
      1: "Both are fine.",
      2: { completion: { choices: [{ message: { content: "Comparison: Both" }, finish_reason: "length" }] } },
      3: { status: 400, body: '{"error":{"code":"content_filter","message":"no"}}' },
      4: { status: 500, body: "oops" },
    };
    const react = (request: Received) =>
      strange[Number(/TITLE: (\d+)/.exec(request.content)?.[1])] ?? fairly(request);
    const { judge } = await opened(react, { retries: 1 });
    const rate = await judgedWinRate(judge, contests(20, 11), silent);
    expect(rate).toMatchObject({
      contests: 20,
      decided: 15,
      missing: { refused: 2, unreadable: 1, "cut off": 1, "no answer": 1 },
      winRate: { mean: expect.closeTo(6 / 15) },
      bounds: { low: expect.closeTo(6 / 20), high: expect.closeTo(11 / 20) },
    });
  });

  test("takes another prompt and parameters, and their answers are others in the cache", async () => {
    const { server, judge } = await opened(() => "A", {
      prompt: "{{summarya}}|{{summaryb}}|{{post}}",
      parameters: { temperature: 0, max_tokens: 5 },
    });
    await judge.judge(contests(1, 1));
    expect(server.received[0]?.body).toMatchObject({ temperature: 0, max_tokens: 5 });
    expect(server.received[0]?.content).toMatch(/^(good\|fair|fair\|good)\|SUBREDDIT/);
    const usual = chatJudge({ model: "judge", baseUrl: server.baseUrl, folder });
    expect(usual.estimate?.(contests(1, 1))).toMatchObject({ answers: 1, cached: 0 });
    expect(judge.estimate?.(contests(1, 1))).toMatchObject({ answers: 1, cached: 1 });
  });

  test.each<[Partial<ChatJudgeOptions>, string]>([
    [{ prompt: "Which is better?" }, "The judge's prompt lacks {{post}}"],
    [{ order: "random" as "drawn" }, "The judge is not as expected: `order`"],
    [{ concurrency: 0 }, "`concurrency`"],
    [{ budget: { requests: -1 } }, "`budget.requests`"],
    [{ budget: { dollars: 1 } as object }, "dollars"],
    [{ budget: { money: 1 } }, "A budget of money needs the prices of a million tokens"],
    [{ apiKey: KEY } as object, "apiKey"],
  ])("refuses %j", (options, message) => {
    const wrong = () => chatJudge({ model: "judge", folder, ...options });
    expect(wrong).toThrow(message);
    expect(wrong).not.toThrow(KEY);
  });
});

describe("estimate and budget", () => {
  test("the estimate comes first, and is near what is used", async () => {
    const { server, judge } = await opened(fairly, { prices: { input: 2.5, output: 10 } });
    const lines: string[] = [];
    let asked = -1;
    const print = (text: string) => {
      lines.push(text);
      asked = server.received.length;
    };
    await judgedWinRate(judge, contests(30, 10), { print });
    expect(asked).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(
        /^judge needs 30 answers, of which 0 are here already\. The others take 30 requests with about [\d,]+ tokens in and 3,000 out, which cost 0\.0\d+ at the given prices, as computed from the lengths of the texts\.$/,
      ),
    ]);
    await judgedWinRate(judge, contests(30, 10), { print });
    expect(lines[1]).toBe("judge needs 30 answers, of which 30 are here already: nothing is sent.");
    expect(server.received).toHaveLength(30);
  });

  test.each([
    [{ requests: 29 }, "30 requests, and the budget is 29"],
    [{ tokens: 1000 }, "tokens, and the budget is 1000"],
    [{ money: 0.01 }, "in money, and the budget is 0.01"],
  ])("beyond the budget %j nothing is sent", async (budget, message) => {
    const { server, judge } = await opened(fairly, { budget, prices: { input: 2.5, output: 10 } });
    await expect(judge.judge(contests(30, 3))).rejects.toThrow(message);
    expect(server.received).toEqual([]);
  });
});

describe("the key", () => {
  test("that is missing is named by its variable before anything is sent, unless all answers are cached", async () => {
    const { judge } = await opened(fairly);
    await judge.judge(contests(3, 1));
    vi.stubEnv("OPENAI_API_KEY", "");
    const remote = chatJudge({ model: "judge", baseUrl: "https://judge.invalid/v1", folder });
    await expect(remote.judge(contests(3, 1))).rejects.toThrow(
      "There is no key for judge.invalid: set the environment variable OPENAI_API_KEY",
    );
    expect(await judge.judge(contests(3, 1))).toHaveLength(3);
  });

  test("is in no file, no line and no error, also if the server repeats it", async () => {
    const lines: string[] = [];
    for (const method of ["log", "warn", "error", "info", "debug"] as const)
      vi.spyOn(console, method).mockImplementation((...parts) => void lines.push(parts.join(" ")));
    const { judge, server } = await opened(({ headers, times, content }) => {
      if (content.includes("TITLE: 4")) return { status: 401, body: `{"error":{"message":"bad ${KEY}"}}` };
      if (times === 1) return { status: 500, headers: { "x-key": KEY }, body: `failed for ${KEY}` };
      return `${headers.authorization}\nPreferred: A`;
    });
    const good = await judgedWinRate(judge, contests(4, 2));
    const error = await judgedWinRate(judge, contests(5, 2)).catch((reason: unknown) => reason);
    vi.restoreAllMocks();
    expect(server.received.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
    expect((error as Error).message).toContain("401 bad [key]");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes("."),
    );
    expect(files.length).toBeGreaterThan(0);
    const written = files.map((name) => `${name}\n${readFileSync(path.join(folder, name), "utf8")}`);
    const shown = [...lines, ...written, JSON.stringify(good), String((error as Error).stack)];
    expect(shown.join("\n")).not.toContain(KEY);
    expect(shown.join("\n")).toContain("[key]");
    expect((error as Error).cause).toBeUndefined();
  });
});
