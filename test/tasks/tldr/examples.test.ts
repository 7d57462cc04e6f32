import { describe, expect, test } from "vitest";
import { completionTokens, encodeRows, type TldrLimits } from "../../../src/tasks/tldr/examples.ts";
import { formatPost } from "../../../src/text/post.ts";
import type { Row } from "../../../src/text/row.ts";
import { item } from "../item.ts";
import { posts, rowsOf, stories, tokenizer } from "./stories.ts";

const { eos } = tokenizer.vocabulary;
const lengthOf = (text: string) => tokenizer.encode(text).length;
const encode = (rows: readonly Row[], limits: Partial<TldrLimits> = {}) =>
  encodeRows(rows, tokenizer, { promptLength: 512, completionLength: 53, longPrompts: "error", ...limits });

describe("completions", () => {
  const text = " car has been gone since Friday.";
  const whole = tokenizer.encode(text);
  const tokens = (longest: number, given = text) => completionTokens(given, tokenizer, longest, "a text");

  test("start with one space and end with eos", () => {
    expect(tokens(53)).toEqual([...whole, eos]);
    expect(tokens(53, `\n${text}\n`)).toEqual([...whole, eos]);
  });

  test("are cut without eos if they are too long", () => {
    expect(tokens(whole.length + 1)).toEqual([...whole, eos]);
    expect(tokens(whole.length)).toEqual(whole);
    expect(tokens(5)).toEqual(whole.slice(0, 5));
  });

  test("may end with eos already, which is not part of the reference", () => {
    expect(tokens(53, `${text}<|endoftext|>`)).toEqual([...whole, eos]);
    expect(tokens(53, `${text} <|endoftext|>\n<|endoftext|>`)).toEqual([...whole, eos]);
    const row = { where: "x", prompt: "P", completion: " c<|endoftext|>" };
    expect(encode([row]).map(({ prompt }) => prompt.reference)).toEqual(["c"]);
  });

  test("must not spell a special token", () => {
    expect(() => tokens(53, "a<|endoftext|> b")).toThrow(
      "a text spells the tokenizer's end-of-text token: take it out of the text.",
    );
    const rows = rowsOf(
      [item(stories, 0), { ...item(stories, 1), completion: "a<|endoftext|> b" }],
      "x.jsonl",
    );
    expect(() => encode(rows)).toThrow(
      `x.jsonl, row 2: "completion" spells the tokenizer's end-of-text token`,
    );
  });
});

describe("prompts", () => {
  const short = item(posts, 0);
  const length = lengthOf(short.prompt);
  const story = item(stories, 0);
  const long = formatPost({ ...story, post: `${story.post} ${"And more. ".repeat(40)}` });
  const longRows = rowsOf([item(stories, 1), { prompt: long, completion: "c" }], "long.jsonl");

  test("that are too long are errors that name the row and its length", () => {
    expect(() => encode([short], { promptLength: length })).not.toThrow();
    expect(() => encode(longRows, { promptLength: length + 8 })).toThrow(
      `long.jsonl, row 2: the prompt has ${lengthOf(long)} tokens, but promptLength is ${length + 8}: raise`,
    );
  });

  test("that are too long can be trimmed, so that TL;DR: stays", () => {
    for (const { prompt } of encode(longRows, { promptLength: length + 8, longPrompts: "trim" })) {
      expect(prompt.tokens.length).toBeLessThanOrEqual(length + 8);
      expect(tokenizer.decode(prompt.tokens)).toBe(prompt.text);
      expect(prompt.text).toMatch(/[.?]\n\nTL;DR:$/);
      expect(prompt.title).toMatch(/^My car is/);
    }
    expect(() => encode(longRows, { promptLength: 10, longPrompts: "trim" })).toThrow(
      /^long\.jsonl, row 1: the prompt has \d+ tokens, but promptLength is 10, which is too few even without the post/,
    );
  });
});

test("prompts that are too long can be cut as the paper's code does, before a newline", () => {
  const post = "First line of the post\n\nSecond line. And more.\nThird line of it";
  const prompt = formatPost({ subreddit: "tifu", title: "T", post });
  const rows = rowsOf([{ prompt, completion: "c" }], "long.jsonl");
  const cut = encode(rows, { promptLength: lengthOf(prompt) - 1, longPrompts: "paper" });
  expect(cut.map((example) => example.prompt.text)).toEqual([prompt.replace("\nThird line of it", "")]);
});

test("the reference is the human summary, or else the chosen one", () => {
  const rows = rowsOf(
    [
      { prompt: "Post A\n\nTL;DR:", chosen: " one", rejected: " two", completion: " human" },
      { prompt: "Post B. More.\n\nTL;DR:", chosen: " one", rejected: " two" },
      { prompt: "Post C\n\nTL;DR:", chosen: " one", rejected: " two", completion: " bad", label: false },
    ],
    "pairs.jsonl",
  );
  expect(encode(rows).map(({ prompt }) => prompt.reference)).toEqual(["human", "one", "one"]);
});

test.each([
  ["Post B. More.\n\nTL;DR:", "Post B."],
  ["Really? Yes! No. ", "Really?"],
  ["v1.2 is out! All of it.", "v1.2 is out!"],
  [" one\nline without an end ", "one\nline without an end"],
  ["Only one.", "Only one."],
])("the title of %o, which is not in the paper's template, is its first sentence", (prompt, title) => {
  const rows = rowsOf([{ prompt, completion: " b" }], "rows.jsonl");
  expect(encode(rows).map((example) => example.prompt.title)).toEqual([title]);
});
