import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenizerFromJson } from "../../src/text/tokenizer.ts";
import { changedTokenizer, type Loose } from "./small-tokenizer.ts";

const open = (change: (json: Loose) => unknown) => () =>
  tokenizerFromJson(changedTokenizer(change), { source: "x.json" });

const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
const sequence = (list: string, step: unknown, length: number) => ({
  type: "Sequence",
  [list]: Array(length).fill(step),
});
const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth));

describe("a step that is not described is refused by its place", () => {
  test.each<[string, (json: Loose) => unknown, string]>([
    [
      "an unknown normalizer",
      (json) => (json.normalizer = { type: "Nmt" }),
      "`normalizer.type`: is not a kind that",
    ],
    [
      "a hostile pattern of a normalizer",
      (json) => (json.normalizer = replace({ Regex: "(a+)+$" }, "")),
      "`normalizer.pattern.Regex`: is not a known pattern",
    ],
    [
      "a hostile pattern of a decoder",
      (json) => (json.decoder = sequence("decoders", replace({ Regex: "(a+)+$" }, ""), 1)),
      "`decoder.decoders.0.pattern.Regex`: is not a known pattern",
    ],
    [
      "a replacement that doubles the text",
      (json) => (json.normalizer = sequence("normalizers", replace({ String: "a" }, "aa"), 32)),
      '`normalizer.normalizers.0.content`: should have at most the 1 characters that it replaces, and no "$"',
    ],
    [
      "a replacement by what precedes it",
      (json) => (json.normalizer = replace({ String: "ab" }, "$`")),
      "`normalizer.content`: should have at most the 2 characters",
    ],
    [
      "a pattern that matches nothing",
      (json) => (json.normalizer = replace({ String: "" }, "")),
      "`normalizer.pattern.String`: too small",
    ],
    [
      "a long prefix",
      (json) => (json.normalizer = { type: "Prepend", prepend: "x".repeat(17) }),
      "`normalizer.prepend`",
    ],
    [
      "pieces of no length",
      (json) => (json.pre_tokenizer = { type: "FixedLength", length: 0 }),
      "`pre_tokenizer.type`: is not a kind that is supported",
    ],
    [
      "33 steps",
      (json) => (json.normalizer = sequence("normalizers", { type: "NFC" }, 33)),
      "`normalizer.normalizers`: too big",
    ],
    [
      "a sequence in a sequence",
      (json) => (json.normalizer = sequence("normalizers", sequence("normalizers", { type: "NFC" }, 1), 1)),
      "`normalizer.normalizers.0.type`: is not a kind that is supported",
    ],
    [
      "an unknown model",
      (json) => (json.model.type = "Legacy"),
      "`model.type`: is not a kind that is supported",
    ],
    ["no merges", (json) => delete json.model.merges, "`model.merges`: should be a list"],
    [
      "a vocabulary as a list",
      (json) => (json.model.vocab = ["a"]),
      "`model.vocab`: should be an object of ids by token",
    ],
    [
      "a long word length",
      (json) =>
        (json.model = { ...json.model, type: "WordPiece", unk_token: "a", max_input_chars_per_word: 1e9 }),
      "`model.max_input_chars_per_word`",
    ],
    [
      "a long added token",
      ({ added_tokens }) => added_tokens.push({ id: 300, content: "x".repeat(257) }),
      "`added_tokens.2.content`: too big",
    ],
    [
      "an empty added token",
      ({ added_tokens }) => added_tokens.push({ id: 300, content: "" }),
      "`added_tokens.2.content`: too small",
    ],
    [
      "16,385 added tokens",
      (json) => (json.added_tokens = Array(16_385).fill(json.added_tokens[0])),
      "`added_tokens`: too big",
    ],
    [
      "parts that nest without end",
      (json) => (json.padding = nested(50_000)),
      "it nests too deeply or is not JSON",
    ],
  ])("%s", (_, change, message) => {
    const begin = performance.now();
    expect(open(change)).toThrow(message);
    expect(open(change)).toThrow(/^The tokenizer x\.json is not as expected: [^\n]*\.$/);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

/** Changes that make the kinds of tokenizers of published models. */
const published: [string, (json: Loose) => unknown][] = [
  ["GPT-2, whose model has no type", ({ model }) => delete model.type],
  [
    "Llama 2",
    (json) => {
      json.normalizer = {
        type: "Sequence",
        normalizers: [{ type: "Prepend", prepend: "▁" }, replace({ String: " " }, "▁")],
      };
      json.pre_tokenizer = null;
      json.decoder = {
        type: "Sequence",
        decoders: [
          replace({ String: "▁" }, " "),
          { type: "ByteFallback" },
          { type: "Fuse" },
          { type: "Strip", content: " ", start: 1, stop: 0 },
        ],
      };
      json.model.vocab["▁"] = 262;
    },
  ],
  [
    "BERT",
    (json) => {
      json.normalizer = { type: "BertNormalizer", clean_text: true, lowercase: true, strip_accents: null };
      json.pre_tokenizer = { type: "BertPreTokenizer" };
      json.decoder = { type: "WordPiece", prefix: "##", cleanup: true };
      const vocab = { ...json.model.vocab, car: 262, "[UNK]": 263 };
      json.model = { type: "WordPiece", vocab, unk_token: "[UNK]", continuing_subword_prefix: "##" };
    },
  ],
  [
    "T5",
    (json) => {
      json.normalizer = { type: "Precompiled", precompiled_charsmap: "AAAA" };
      json.pre_tokenizer = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
      json.decoder = { type: "Metaspace", replacement: "▁" };
      const pieces = ["<|endoftext|>", "<|padding|>", "<unk>", "▁a", "▁car", ",", "c", "r", "▁"];
      json.model = { type: "Unigram", unk_id: 2, vocab: pieces.map((piece, id) => [piece, -id]) };
    },
  ],
];

describe("published kinds of tokenizers", () => {
  test.each(published)("%s: is taken, and decodes what it encoded", (_, change) => {
    const tokenizer = open(change)();
    const ids = tokenizer.encode("a car, a car");
    expect(ids.every((id) => Number.isInteger(id) && id < tokenizer.vocabulary.size)).toBe(true);
    expect(tokenizer.decode(ids)).toBe("a car, a car");
  });

  /** Every place in a value but the entries of its vocabulary and merges. */
  const placesIn = (value: Loose, path: string[] = []): string[][] =>
    typeof value !== "object" || value === null || path.at(-1) === "vocab" || path.at(-1) === "merges"
      ? [path]
      : [path, ...Object.keys(value).flatMap((key) => placesIn(value[key], [...path, key]))];

  test("with any part replaced, each encodes and decodes or is refused in one sentence", () => {
    const jsons = published.map(([, change]) => changedTokenizer(change));
    const parts = jsons.flatMap((json) =>
      placesIn(json).map((path) => path.reduce((value, key) => value[key], json)),
    );
    const others = [
      null,
      undefined,
      0,
      -1,
      1e9,
      "",
      "a",
      "##",
      true,
      [],
      {},
      [[1]],
      { Regex: "\\s+" },
      { String: "a" },
    ];
    const replacement = fc.record({
      json: fc.constantFrom(...jsons),
      at: fc.nat(),
      part: fc.oneof(fc.constantFrom(...others), fc.constantFrom(...parts)),
    });
    fc.assert(
      fc.property(replacement, ({ json, at, part }) => {
        const places = placesIn(json).slice(1);
        const path = places[at % places.length]!;
        const changed = structuredClone(json);
        const holder = path.slice(0, -1).reduce((value, key) => value[key], changed);
        holder[path.at(-1)!] = structuredClone(part);
        try {
          const tokenizer = tokenizerFromJson(changed, { source: "x.json" });
          const ids = tokenizer.encode("a car's  car, é😀\n中文 <unk><|padding|>");
          expect(ids.every((id) => Number.isInteger(id) && id < tokenizer.vocabulary.size)).toBe(true);
          expect(typeof tokenizer.decode(ids)).toBe("string");
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(/^The tokenizer x\.json [^\n]*(\.|specialTokens\.)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
