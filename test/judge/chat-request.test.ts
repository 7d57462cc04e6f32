import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openEndpoint, RequestError } from "../../src/judge/chat-request.ts";
import { endpointOf } from "../../src/judge/endpoint.ts";
import { chatServer, completion, type Reaction, type Received } from "./chat-server.ts";

const KEY = "sk-secret-12345678";

beforeEach(() => {
  vi.stubEnv("OPENAI_API_KEY", KEY);
  vi.stubEnv("OPENAI_ORG_ID", "org-1");
  vi.stubEnv("OPENAI_LOG", "debug");
});
afterEach(() => vi.unstubAllEnvs());

async function asked(react: (request: Received) => Reaction, options: object = {}) {
  const server = await chatServer(react);
  const ask = await openEndpoint(endpointOf({ model: "judge", baseUrl: server.baseUrl, ...options }));
  return { server, answer: ask("Which?") };
}

/** The error of a request that fails. */
async function failure(react: (request: Received) => Reaction, options: object = {}): Promise<RequestError> {
  const { answer } = await asked(react, options);
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RequestError) return error;
  throw new Error(`not a RequestError: ${error}`);
}

describe("a request", () => {
  test("has the model, the parameters, the message and the key, and nothing of the environment besides", async () => {
    const log = vi.spyOn(console, "debug");
    const { server, answer } = await asked(() => "Preferred: A", { parameters: { temperature: 0 } });
    await answer;
    const [{ path, headers, body } = expect.fail()] = server.received;
    expect(path).toBe("/v1/chat/completions");
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify(headers)).not.toContain("org-1");
    expect(body).toEqual({
      model: "judge",
      temperature: 0,
      messages: [{ role: "user", content: "Which?" }],
    });
    expect(log).not.toHaveBeenCalled();
  });

  test("gives the text, the reason of the end, the model's snapshot and the tokens", async () => {
    const { answer } = await asked(() => ({
      completion: completion("Preferred: A", { system_fingerprint: "fp" }),
    }));
    expect(await answer).toEqual({
      text: "Preferred: A",
      finish: "stop",
      model: "judge-2024-08-06",
      created: 1_700_000_000,
      fingerprint: "fp",
      tokens: { input: 300, output: 40 },
    });
  });

  test("takes what compatible servers leave out", async () => {
    const { answer } = await asked(() => ({ completion: { choices: [{ message: { content: null } }] } }));
    expect(await answer).toEqual({ text: "" });
    const declined = completion(null, {}, { refusal: "No." });
    expect(await (await asked(() => ({ completion: declined }))).answer).toMatchObject({
      text: "",
      refusal: "No.",
    });
  });

  test("that a content filter declines is a refusal", async () => {
    const body = JSON.stringify({ error: { code: "content_filter", message: "filtered" } });
    expect(await (await asked(() => ({ status: 400, body }))).answer).toEqual({
      text: "",
      finish: "content_filter",
    });
  });
});

describe("a request that fails", () => {
  test.each<[string, Reaction, string]>([
    ["a hang-up", "hang up", "could not be reached (other side closed)"],
    ["silence", "stay silent", "gave no whole answer in time"],
    ["half an answer", "stall", "gave no whole answer in time"],
    ["an empty body", { body: "" }, "answered nothing"],
    ["garbage", { body: "<html>busy</html>" }, "did not answer with whole JSON"],
    ["cut JSON", { body: JSON.stringify(completion("A")).slice(0, 90) }, "did not answer with whole JSON"],
    ["other JSON", { body: '{"ok": true}' }, "answered with JSON that is not a chat completion"],
    ["no choices", { body: '{"choices": []}' }, "answered with JSON that is not a chat completion"],
    ["status 500", { status: 500, body: "oops" }, "answered 500 oops"],
    ["status 429", { status: 429, body: '{"error":{"message":"slow down"}}' }, "answered 429 slow down"],
  ])("by %s can be repeated", async (_, reaction, message) => {
    const isLate = reaction === "stay silent" || reaction === "stall";
    const error = await failure(() => reaction, isLate ? { timeout: 0.3 } : {});
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ /);
    expect(error.message).toContain(message);
    expect(error.isFatal).toBe(false);
  });

  test.each<[Reaction, string]>([
    [{ status: 401, body: "{}" }, "check the key in OPENAI_API_KEY"],
    [{ status: 403, body: "" }, "check the key in OPENAI_API_KEY"],
    [
      { status: 404, body: '{"error":{"message":"no such model"}}' },
      "404 no such model: check the model's name",
    ],
    [{ status: 400, body: '{"error":{"message":"unknown field"}}' }, "400 unknown field"],
    [{ status: 429, body: '{"error":{"code":"insufficient_quota","message":"quota"}}' }, "no credit left"],
    [
      { status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "" },
      "redirections are not followed",
    ],
  ])("by %j cannot", async (reaction, message) => {
    const error = await failure(() => reaction);
    expect(error.message).toContain(message);
    expect(error.isFatal).toBe(true);
  });

  test.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
    [{ "retry-after": new Date(Date.now() + 60_000).toUTCString() }, 59_000],
    [{ "retry-after": "soon" }, 0],
    [{}, 0],
  ])("with the headers %j says how long to wait", async (headers, wait) => {
    const error = await failure(() => ({
      status: 429,
      headers: headers as Record<string, string>,
      body: "{}",
    }));
    expect(Math.abs(error.wait - wait)).toBeLessThan(2000);
  });

  test("by more than 4 MB is given up", async () => {
    expect((await failure(() => ({ body: " ".repeat(5_000_000) }))).message).toContain("sent more than 4 MB");
  });

  test("by a server that nobody runs is told by its reason", async () => {
    const ask = await openEndpoint(endpointOf({ model: "judge", baseUrl: "http://127.0.0.1:1/v1" }));
    await expect(ask("Which?")).rejects.toThrow("127.0.0.1:1 could not be reached (");
  });
});

test("the key is in no answer and no message, whatever the server says", async () => {
  const echo = `Incorrect key ${KEY}`;
  const denied = await failure(() => ({ status: 401, body: JSON.stringify({ error: { message: echo } }) }));
  const broken = await failure(() => ({ status: 500, body: echo }));
  const { answer } = await asked(({ headers }) => `You sent ${headers.authorization}`);
  expect((await answer).text).toBe("You sent Bearer [key]");
  for (const error of [denied, broken]) {
    expect(error.message).toContain("Incorrect key [key]");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(KEY);
    expect(error.cause).toBeUndefined();
  }
});

test("an abort ends a request at once with its reason", async () => {
  const server = await chatServer(() => "stay silent");
  const ask = await openEndpoint(endpointOf({ model: "judge", baseUrl: server.baseUrl }));
  await expect(ask("Which?", AbortSignal.timeout(50))).rejects.toThrow(/aborted due to timeout/);
});
