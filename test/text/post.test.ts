import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPost, type Post, parsePost, trimPost, truncatePost } from "../../src/text/post.ts";
import { readTokenizer } from "../../src/text/tokenizer.ts";

const post = { subreddit: "AskReddit", title: "A title", post: "First.\n\nSecond one." };

describe("the template", () => {
  test("is the paper's", () => {
    expect(formatPost(post)).toBe(
      "SUBREDDIT: r/AskReddit\n\nTITLE: A title\n\nPOST: First.\n\nSecond one.\n\nTL;DR:",
    );
  });

  test.each(["tifu", "r/tifu", "/r/tifu"])("names the subreddit %s once", (subreddit) => {
    expect(formatPost({ ...post, subreddit })).toMatch(/^SUBREDDIT: r\/tifu\n/);
  });

  test("is parsed back for any post", () => {
    const line = fc.stringMatching(/^[\w .,]+$/);
    const body = fc
      .array(fc.oneof(line, fc.constantFrom("", "POST: x", "TITLE: y", "TL;DR: z")))
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(fc.record({ subreddit: line, title: line, post: body }), (fields) => {
        expect(parsePost(formatPost(fields))).toEqual(fields);
      }),
    );
    expect(parsePost("Summarise this.")).toBeUndefined();
  });

  test("is looked for in time that grows with the text only", () => {
    const begin = performance.now();
    const text = `SUBREDDIT: r/a\n\nTITLE: b${"\n\nPOST: ".repeat(100_000)}`;
    expect(parsePost(text)).toBeUndefined();
    expect(parsePost(`${text}\n\nTL;DR:`)?.title).toBe("b");
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe("trimPost", () => {
  const trim = (text: string, room: number) => {
    const fixed = formatPost({ ...post, post: "" }).length;
    const trimmed = trimPost(formatPost({ ...post, post: text }), fixed + room, (prompt) => prompt.length);
    return trimmed === undefined ? undefined : parsePost(trimmed)?.post;
  };

  test("does not change a prompt that fits", () => {
    expect(trim("One. Two.", 9)).toBe("One. Two.");
  });

  test("cuts after the last paragraph, sentence or word that fits", () => {
    expect(trim("Some first words.\nThen more. And then", 33)).toBe("Some first words.");
    expect(trim("Hi,\nhere is one sentence. And here is another", 40)).toBe("Hi,\nhere is one sentence.");
    expect(trim("Hi,\nhere are many words without any stop", 33)).toBe("Hi,\nhere are many words without");
    expect(trim("unbroken".repeat(5), 10)).toBe("unbrokenun");
    expect(trim("A sentence that ends right here. And", 32)).toBe("A sentence that ends right here.");
  });

  test("never splits a character, and keeps the text after the post", () => {
    expect(trim("😀😀😀😀", 5)).toBe("😀😀");
    expect(trimPost("Some text to summarise\n\nTL;DR:", 19, (prompt) => prompt.length)).toBe(
      "Some text\n\nTL;DR:",
    );
    expect(trimPost("Some text to summarise", 12, (prompt) => prompt.length)).toBe("Some text to");
  });

  test("returns undefined if the title alone is too long", () => {
    expect(trim("Some text", -1)).toBeUndefined();
    expect(trim("Some text", 0)).toBe("");
  });

  test("fits and is a prefix of the post, for any post and limit", () => {
    const text = fc
      .array(fc.constantFrom("word", " ", "\n", ". ", "!", "😀", "x"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.nat(60), (body, room) => {
        const kept = trim(body, room);
        expect(kept?.length).toBeLessThanOrEqual(room);
        expect(body.startsWith(String(kept))).toBe(true);
      }),
    );
  });
});

const fixture = (name: string) => new URL(`fixtures/${name}.json`, import.meta.url);
const tokenizer = readTokenizer(fileURLToPath(fixture("tokenizer-neox")));
const tokens = (text: string) => tokenizer.encode(text).length;

describe("truncatePost", () => {
  const cases: (Post & { limit: number; prompt: string | null })[] = JSON.parse(
    readFileSync(fixture("truncations"), "utf8"),
  );

  test(`cuts ${cases.length} posts as the paper's code does`, () => {
    for (const { limit, prompt, ...fields } of cases) {
      expect(truncatePost(formatPost(fields), limit, tokens) ?? null).toBe(prompt);
    }
    expect(cases.filter(({ prompt }) => prompt === null).length).toBeGreaterThan(0);
  });

  test("cuts text without the template at its end, and keeps a final TL;DR:", () => {
    const length = (text: string) => text.length;
    expect(truncatePost("One\nTwo\nThree\n\nTL;DR:", 18, length)).toBe("One\nTwo\n\nTL;DR:");
    expect(truncatePost("One\nTwo\nThree", 8, length)).toBe("One\nTwo");
    expect(truncatePost("Some text", 6, length)).toBe("Some t");
    expect(truncatePost("a😀", 2, length)).toBe("a");
    expect(truncatePost("\n\nTL;DR:", 7, length)).toBeUndefined();
  });
});

test.each([
  ["words", "Some words of a post. ".repeat(150_000)],
  ["one word", "x".repeat(3_000_000)],
  ["lines", "\n".repeat(3_000_000)],
])("a post of megabytes of %s is shortened in seconds", (_, text) => {
  const prompt = formatPost({ ...post, post: text });
  for (const shorten of [trimPost, truncatePost]) {
    const begin = performance.now();
    expect(tokens(String(shorten(prompt, 512, tokens)))).toBeLessThanOrEqual(512);
    expect(performance.now() - begin).toBeLessThan(10_000);
  }
});
