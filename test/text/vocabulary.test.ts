import { expect, test } from "vitest";
import { tokenizerFromJson } from "../../src/text/tokenizer.ts";
import { changedTokenizer, type Loose } from "./small-tokenizer.ts";

const open = (change: (json: Loose) => unknown) =>
  tokenizerFromJson(changedTokenizer(change), { source: "x.json" });

/** A hostile change, and what the message says of it. */
const refused: [string, (json: Loose) => unknown, string][] = [
  [
    "an id of a thousand million",
    ({ model }) => (model.vocab.huge = 1e9),
    'the token "huge" has the id 1000000000, and ids are whole numbers from 0 to 1048575; number the tokens without gaps.',
  ],
  [
    "a negative id",
    ({ model }) => (model.vocab.a = -1),
    'the token "a" has the id -1, and ids are whole numbers',
  ],
  [
    "half an id",
    ({ model }) => (model.vocab.a = 0.5),
    'the token "a" has the id 0.5, and ids are whole numbers',
  ],
  [
    "an id in words",
    ({ model }) => (model.vocab.a = "7"),
    'the token "a" has the id "7", and ids are whole numbers',
  ],
  [
    "1,025 unused ids",
    ({ model }) => (model.vocab.far = 262 + 1025),
    "the ids end at 1287 and there are 263 tokens, and at most 1024 ids may be unused; number the tokens without gaps.",
  ],
  [
    "an id twice",
    ({ model }) => (model.vocab.again = 5),
    'and "again" both have the id 5; give each its own.',
  ],
  [
    "an added token of another's id",
    ({ added_tokens }) => added_tokens.push({ id: 9, content: "<new>" }),
    'and "<new>" both have the id 9; give each its own.',
  ],
  [
    "an added token of two ids",
    ({ added_tokens }) => (added_tokens[0].id = 300),
    'the token "<|endoftext|>" has the ids 0 and 300; give it one.',
  ],
  [
    "an added token twice",
    ({ added_tokens }) => added_tokens.push(added_tokens[1]),
    'the added token "<|padding|>" is listed twice; take one out.',
  ],
  [
    "a token of 524,289 characters",
    ({ model }) => (model.vocab["x".repeat(524_289)] = 262),
    `the token "${"x".repeat(80)}…" should be text of at most 524288 characters; take it out.`,
  ],
  [
    "a merge of an unknown token",
    ({ model }) => model.merges.push(["a", "zz"]),
    'the merge ["a","zz"] needs the token "zz", which is not in the vocabulary; add it or take the merge out.',
  ],
  [
    "a merge to an unknown token",
    ({ model }) => model.merges.push(["z", "q"]),
    'the merge ["z","q"] needs the token "zq", which is not in the vocabulary',
  ],
  [
    "a merge of three",
    ({ model }) => model.merges.push(["a", "b", "c"]),
    "should be two tokens, written like the first",
  ],
  ["a merge of numbers", ({ model }) => model.merges.push([1, 2]), "the merge [1,2] should be two tokens"],
  ["merges of both kinds", ({ model }) => model.merges.push("a b"), 'the merge "a b" should be two tokens'],
  [
    "two million merges",
    ({ model }) => (model.merges = Array(2_000_001).fill(["a", "b"])),
    "there are 2000001 merges, and at most 2000000 are read; use fewer.",
  ],
  [
    "an unknown token outside its vocabulary",
    ({ model }) => (model.unk_token = "<unk>"),
    'the unknown token "<unk>" is not in the vocabulary; add it.',
  ],
  [
    "an empty unknown token",
    (json) =>
      (json.model = { ...json.model, type: "WordPiece", unk_token: "", continuing_subword_prefix: "##" }),
    'the unknown token "" is not in the vocabulary; add it.',
  ],
  [
    "a Unigram token twice",
    (json) =>
      (json.model = {
        type: "Unigram",
        unk_id: 0,
        vocab: [
          ["a", 0],
          ["a", -1],
        ],
      }),
    'the token "a" is listed twice; take one out.',
  ],
  [
    "a Unigram token of 1,025 characters",
    (json) => (json.model = { type: "Unigram", unk_id: 0, vocab: [["x".repeat(1025), 0]] }),
    "should be text of at most 1024 characters; take it out.",
  ],
  [
    "a Unigram token without a score",
    (json) => (json.model = { type: "Unigram", unk_id: 0, vocab: [["a"]] }),
    'the token "a" should have a number as its score.',
  ],
  [
    "an unknown Unigram id",
    (json) => (json.model = { type: "Unigram", unk_id: 1, vocab: [["a", 0]] }),
    "unk_id is 1 and there are 1 tokens.",
  ],
];

test.each(refused)("a tokenizer with %s is refused at once in one sentence", (_, change, message) => {
  const json = changedTokenizer(change);
  const begin = performance.now();
  expect(() => tokenizerFromJson(json, { source: "x.json" })).toThrow(message);
  expect(() => tokenizerFromJson(json, { source: "x.json" })).toThrow(
    /^The tokenizer x\.json is not as expected: [^\n]*\.$/,
  );
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test("unused ids up to the bound, and added tokens of the vocabulary, are taken", () => {
  const { vocabulary } = open(({ model, added_tokens }) => {
    model.vocab.far = 262 + 1024;
    added_tokens.push({ id: model.vocab.a, content: "a", special: false });
  });
  expect(vocabulary).toEqual({ size: 1287, eos: 0, pad: 1 });
});

test("a vocabulary of 130,000 tokens, beyond what one call takes as arguments, is taken", () => {
  const tokenizer = open(({ model }) => {
    for (let id = 262; id < 130_000; id++) model.vocab[`token ${id}`] = id;
  });
  expect(tokenizer.vocabulary.size).toBe(130_000);
  expect(tokenizer.decode(tokenizer.encode("a car"))).toBe("a car");
});

test("tokens named like an object's own methods are tokens like others", () => {
  const names = ["__proto__", "constructor", "toString"];
  const tokenizer = open(({ model }) => {
    for (const [index, name] of names.entries())
      Object.defineProperty(model.vocab, name, { value: 262 + index, enumerable: true, configurable: true });
  });
  expect(tokenizer.vocabulary.size).toBe(265);
  expect(names.map((_, index) => tokenizer.decode([262 + index]))).toEqual(names);
  expect("value" in {}).toBe(false);
});
