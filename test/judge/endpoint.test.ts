import { afterEach, describe, expect, test, vi } from "vitest";
import { endpointOf, keyOf, withoutKey } from "../../src/judge/endpoint.ts";

afterEach(() => vi.unstubAllEnvs());

const remote = { model: "gpt-4o", baseUrl: "https://judge.example/v1/" };

describe("endpointOf", () => {
  test("is OpenAI's by default, or the one that OPENAI_BASE_URL names", () => {
    vi.stubEnv("OPENAI_BASE_URL", "");
    expect(endpointOf({ model: "gpt-4o" }).baseUrl).toBe("https://api.openai.com/v1");
    vi.stubEnv("OPENAI_BASE_URL", "http://localhost:8000/v1//");
    expect(endpointOf({ model: "gpt-4o" }).baseUrl).toBe("http://localhost:8000/v1");
    expect(endpointOf(remote).baseUrl).toBe("https://judge.example/v1");
  });

  test.each([
    [{ baseUrl: "localhost:8000" }, "The base URL is not an http or https address"],
    [{ baseUrl: "file:///etc/passwd" }, "The base URL is not an http or https address"],
    [{ baseUrl: "https://me:secret@judge.example/v1" }, "The base URL of judge.example has a user"],
    [{ baseUrl: "https://judge.example/v1?key=secret" }, "The base URL of judge.example has a user"],
    [{ parameters: { model: "other" } }, 'The judge sets "model" itself'],
    [{ parameters: { n: 2 } }, 'The judge sets "n" itself'],
    [{ keyVariable: "sk-abc" }, "the key itself is read from there only"],
    [{ timeout: 0 }, "`timeout`"],
    [{ apiKey: "secret" }, "apiKey"],
    [{ model: "" }, "`model`"],
  ])("refuses %j without repeating a secret", (changes, message) => {
    const wrong = () => endpointOf({ ...remote, ...changes });
    expect(wrong).toThrow(message);
    expect(wrong).not.toThrow("secret");
  });
});

describe("keyOf", () => {
  test("reads the variable that is named, and says which one to set", () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    vi.stubEnv("MY_KEY", " sk-12345678\n");
    expect(keyOf(endpointOf({ ...remote, keyVariable: "MY_KEY" }))).toBe("sk-12345678");
    expect(() => keyOf(endpointOf(remote))).toThrow(
      "There is no key for judge.example: set the environment variable OPENAI_API_KEY before you start",
    );
  });

  test.each(["http://localhost:8000/v1", "http://127.0.0.1:1/v1", "http://[::1]:8000"])(
    "needs none for %s",
    (baseUrl) => {
      vi.stubEnv("OPENAI_API_KEY", "");
      expect(keyOf(endpointOf({ ...remote, baseUrl }))).toBe("none");
    },
  );

  test("refuses a key that cannot be sent, without showing it", () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-1234\n5678");
    expect(() => keyOf(endpointOf(remote))).toThrow("OPENAI_API_KEY has spaces or other characters");
    expect(() => keyOf(endpointOf(remote))).not.toThrow("sk-");
  });
});

test("withoutKey takes out a key, also as JSON has it, but no short word", () => {
  expect(withoutKey("use sk-12345678!", "sk-12345678")).toBe("use [key]!");
  expect(withoutKey('{"key":"sk\\"12345678"}', 'sk"12345678')).toBe('{"key":"[key]"}');
  expect(withoutKey("none of them", "none")).toBe("none of them");
});
