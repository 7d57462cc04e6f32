import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type ChatRequest, openAnswers, requestId } from "../../src/judge/answer-cache.ts";
import { temporaryFolder } from "../temporary.ts";

const request: ChatRequest = {
  baseUrl: "https://judge.example/v1",
  model: "judge",
  parameters: { temperature: 0, stop: ["x"], extra: { b: 1, a: 2 } },
  message: "Which?",
};
const answer = { text: "Preferred: A", finish: "stop", tokens: { input: 3, output: 4 } };

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(folder, name));

describe("the cache of answers", () => {
  test("keeps an answer by address, model, parameters in any order, and message", () => {
    const cache = openAnswers(temporaryFolder("answers"));
    cache.write(request, answer);
    expect(cache.read(request)).toEqual(answer);
    const reordered = { extra: { a: 2, b: 1 }, stop: ["x"], temperature: 0 };
    expect(cache.read({ ...request, parameters: reordered })).toEqual(answer);
    const others: Partial<ChatRequest>[] = [
      { baseUrl: "https://other.example/v1" },
      { model: "judge-2" },
      { parameters: {} },
      { message: "Which one?" },
    ];
    for (const change of others) expect(cache.read({ ...request, ...change })).toBeUndefined();
    expect(new Set([request, ...others.map((one) => ({ ...request, ...one }))].map(requestId)).size).toBe(5);
  });

  test("writes only what was asked and answered, in one file that can be read", () => {
    const cache = openAnswers(temporaryFolder("answers"));
    cache.write({ ...request, keyVariable: "OPENAI_API_KEY", timeout: 1 } as ChatRequest, answer);
    const [file = "", ...others] = files(cache.folder);
    expect(others).toEqual([]);
    const { request: held, answer: given, sha256 } = JSON.parse(readFileSync(file, "utf8"));
    expect(held).toEqual(request);
    expect(given).toEqual(answer);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("does not use a file with any byte changed, and writes it anew", () => {
    const cache = openAnswers(temporaryFolder("answers"));
    cache.write(request, answer);
    const [file = ""] = files(cache.folder);
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 1;
      writeFileSync(file, changed);
      const read = cache.read(request);
      if (read !== undefined) expect(JSON.parse(changed.toString())).toEqual(JSON.parse(bytes.toString()));
    }
    writeFileSync(file, bytes.subarray(0, 40));
    expect(cache.read(request)).toBeUndefined();
    cache.write(request, answer);
    expect(readFileSync(file)).toEqual(bytes);
  });

  test("says so if its folder cannot be made", () => {
    const folder = temporaryFolder("answers");
    writeFileSync(path.join(folder, "file"), "");
    mkdirSync(path.join(folder, "other"));
    expect(() => openAnswers(path.join(folder, "file"))).toThrow(
      /^The folder of answers .* cannot be made \(/,
    );
  });
});
