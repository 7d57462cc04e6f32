import { describe, expect, test } from "vitest";
import { parseRow } from "../../src/text/row.ts";

const parse = (row: object) => {
  const { where, ...rest } = parseRow(row, "x, row 1");
  return rest;
};
const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const template = "SUBREDDIT: r/tifu\n\nTITLE: T\n\nPOST: P\n\nTL;DR:";
const fields = { subreddit: "tifu", title: "T", post: "P" };

describe("a row is read from", () => {
  test.each<[string, object, object]>([
    ["prompt alone", { prompt: "P" }, { prompt: "P" }],
    ["prompt and completion", { prompt: "P", completion: " c" }, { prompt: "P", completion: " c" }],
    [
      "a conversational prompt and completion",
      { prompt: [user("P")], completion: [assistant("c")] },
      { prompt: "P", completion: "c" },
    ],
    [
      "messages",
      { messages: [{ role: "system", content: "S" }, user([{ type: "text", text: "P" }]), assistant("c")] },
      { prompt: "S\n\nP", completion: "c" },
    ],
    [
      "a conversational preference",
      { prompt: [user("P")], chosen: [assistant("a")], rejected: [assistant("b")] },
      { prompt: "P", chosen: "a", rejected: "b" },
    ],
    [
      "a conversational preference with an implicit prompt",
      { chosen: [user("P"), assistant("a")], rejected: [user("P"), assistant("b")] },
      { prompt: "P", chosen: "a", rejected: "b" },
    ],
    [
      "a conversational preference that repeats its prompt",
      { prompt: "P", chosen: [user("P"), assistant("a")], rejected: [user("P"), assistant("b")] },
      { prompt: "P", chosen: "a", rejected: "b" },
    ],
    [
      "texts with an implicit prompt",
      { chosen: "Human: Why?\n\nAssistant: Since", rejected: "Human: Why?\n\nAssistant: Since not" },
      { prompt: "Human: Why?\n\nAssistant:", chosen: " Since", rejected: " Since not" },
    ],
    [
      "OpenAI's comparisons",
      { info: fields, summaries: [{ text: " one" }, { text: " two" }], choice: 1 },
      { prompt: template, chosen: " two", rejected: " one" },
    ],
    ["OpenAI's posts", { ...fields, id: "x", summary: "s" }, { prompt: template, completion: "s" }],
    [
      "cleanrl's posts",
      { ...fields, summary: "s", query: "Q", reference_response: " s<|endoftext|>", query_token: [1] },
      { prompt: "Q", completion: " s" },
    ],
    [
      "cleanrl's comparisons",
      {
        info: fields,
        summaries: [{ text: " one" }, { text: " two" }],
        choice: 1,
        query: "Q",
        chosen: " two<|endoftext|>",
        rejected: " one<|endoftext|>",
      },
      { prompt: "Q", chosen: " two", rejected: " one" },
    ],
    [
      "an unpaired completion",
      { prompt: "P", completion: " c", label: false },
      { prompt: "P", completion: " c", label: false },
    ],
    [
      "an unwanted completion beside a preference",
      { prompt: "P", completion: " c", chosen: " a", rejected: " b", label: 0 },
      { prompt: "P", completion: " c", chosen: " a", rejected: " b", label: false },
    ],
    [
      "a label as text",
      { prompt: "P", completion: "c", label: "True" },
      { prompt: "P", completion: "c", label: true },
    ],
    [
      "a completion that ends in end tokens",
      { prompt: "P", completion: " c <|endoftext|>\n<|endoftext|>" },
      { prompt: "P", completion: " c " },
    ],
  ])("%s", (_, row, expected) => {
    expect(parse(row)).toEqual(expected);
  });
});

describe("an error names", () => {
  test.each<[string, object, RegExp]>([
    [
      "a label that is none",
      { prompt: "P", completion: "c", label: "advice" },
      /"label" must be true or false, not "advice"/,
    ],
    [
      "a choice that is none",
      { info: fields, summaries: [{ text: "a" }, { text: "b" }], choice: 2 },
      /"choice" must be 0 or 1, not 2/,
    ],
    [
      "summaries that are not two",
      { info: fields, summaries: [{ text: "a" }], choice: 0 },
      /"summaries" must hold two/,
    ],
    [
      "a news article",
      {
        info: { article: "A", post: null, title: "T" },
        summaries: [{ text: "a" }, { text: "b" }],
        choice: 0,
      },
      /is a news article, and posts are expected/,
    ],
    [
      "messages without an answer",
      { messages: [user("P")] },
      /"messages" must end with a message of the assistant, not of "user"/,
    ],
    [
      "messages that are not text",
      { messages: [user([{ type: "image" }]), assistant("c")] },
      /is not only text/,
    ],
    ["an empty list of messages", { prompt: [], completion: "c" }, /"prompt" must be a list of messages/],
    [
      "different prompts of one pair",
      { chosen: [user("P"), assistant("a")], rejected: [user("Q"), assistant("b")] },
      /answer different prompts/,
    ],
    [
      "another prompt than the pair's",
      { prompt: "Z", chosen: [user("P"), assistant("a")], rejected: [user("P"), assistant("b")] },
      /"prompt" is not what "chosen" and "rejected" begin with/,
    ],
    [
      "a pair of equals but for end tokens",
      { prompt: "P", chosen: "a<|endoftext|>", rejected: "a" },
      /are equal/,
    ],
    [
      "a completion of end tokens only",
      { prompt: "P", completion: "<|endoftext|>" },
      /"completion" is empty/,
    ],
    ["a pair without any prompt", { chosen: "a", rejected: "b" }, /"prompt" is missing/],
    ["no field of a row", { text: "P" }, /it has none of them/],
  ])("%s", (_, row, message) => {
    expect(() => parse(row)).toThrow(/^x, row 1: [^\n]*\.$/);
    expect(() => parse(row)).toThrow(message);
  });
});
