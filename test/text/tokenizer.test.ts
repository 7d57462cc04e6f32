import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { integer, randomStream } from "../../src/tensors/random.ts";
import { readTokenizer, tokenizerFromJson, trainTokenizer } from "../../src/text/tokenizer.ts";
import { temporaryFolder } from "../temporary.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const texts: { train: string[]; encode: string[] } = read("tokenizer-texts");
const expected: {
  merges: [string, string][];
  trained: { ids: number[]; text: string }[];
  neox: { ids: number[]; text: string }[];
} = read("tokenizer-expected");

describe("compared with Hugging Face's tokenizers, trainTokenizer", () => {
  const trained = trainTokenizer(texts.train, { vocabSize: 340 });

  test("learns the same merges from the same texts", () => {
    expect(trained.json.model).toMatchObject({ merges: expected.merges });
    expect(trained.vocabulary).toEqual({ size: 340, eos: 0, pad: 1 });
  });

  test("has the tokenizer.json that the library was given", () => {
    expect(trained.json).toEqual(read("tokenizer-trained"));
  });

  for (const [name, cases] of [
    ["trained", expected.trained],
    ["neox", expected.neox],
  ] as const) {
    test(`encodes and decodes ${cases.length} texts as the library does with tokenizer-${name}.json`, () => {
      const tokenizer = tokenizerFromJson(read(`tokenizer-${name}`));
      const found = texts.encode.map((text) => {
        const ids = tokenizer.encode(text);
        return { ids, text: tokenizer.decode(ids) };
      });
      expect(found).toEqual(cases);
    });
  }

  test("accepts merges as strings, as in Pythia's tokenizer.json", () => {
    const json = read("tokenizer-neox");
    json.model.merges = json.model.merges.map((pair: string[]) => pair.join(" "));
    const tokenizer = tokenizerFromJson(json);
    expect(texts.encode.map((text) => tokenizer.encode(text))).toEqual(expected.neox.map(({ ids }) => ids));
  });

  test("does not depend on the order of texts, and stops when no pair occurs twice", () => {
    const backwards = trainTokenizer([...texts.train].reverse(), { vocabSize: 340 });
    expect(backwards.identity).toBe(trained.identity);
    expect(trainTokenizer(["abab"], { vocabSize: 1000 }).vocabulary.size).toBe(259);
  });

  test("learns from words of 100,000 letters in bounded time", () => {
    const stream = randomStream(1);
    const word = Array.from({ length: 100_000 }, () => String.fromCharCode(97 + integer(stream, 26))).join(
      "",
    );
    const begin = performance.now();
    for (const text of [word, "a".repeat(100_000)]) {
      const tokenizer = trainTokenizer([text, text], { vocabSize: 500 });
      expect(tokenizer.decode(tokenizer.encode(text)) === text).toBe(true);
    }
    expect(performance.now() - begin).toBeLessThan(60_000);
  });
});

describe("a trained tokenizer", () => {
  const tokenizer = trainTokenizer(texts.train, { vocabSize: 340 });

  test("decodes every text that it encoded", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("car", " ", "\n", "\u0085", "\ufeff", "é", "e\u0301", "😀", "7", "'s", "<|"))
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (value) => {
        const ids = tokenizer.encode(value);
        expect(tokenizer.decode(ids)).toBe(value);
        expect(ids.every((id) => id > 1 && id < tokenizer.vocabulary.size)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("omits special tokens from decoded text", () => {
    expect(tokenizer.decode([0, ...tokenizer.encode("a car"), 0, 1, 1])).toBe("a car");
    expect(tokenizer.decode([1, 0])).toBe("");
    expect(tokenizer.decode([])).toBe("");
  });

  test("is the same when it is read from a file", () => {
    const file = path.join(temporaryFolder("tokenizer"), "tokenizer.json");
    writeFileSync(file, JSON.stringify(tokenizer.json));
    expect(readTokenizer(file).identity).toBe(tokenizer.identity);
    expect(readTokenizer(file).json).toEqual(tokenizer.json);
  });

  test("is the same when it is made from its JSON", () => {
    const copy = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.json)));
    expect(copy.identity).toBe(tokenizer.identity);
    for (const text of texts.train) expect(copy.encode(text)).toEqual(tokenizer.encode(text));
  });
});

describe("bad input", () => {
  const tokenizer = trainTokenizer(texts.train, { vocabSize: 300 });

  test("throws for a vocabulary that is too small and for equal special tokens", () => {
    expect(() => trainTokenizer([], { vocabSize: 100 })).toThrow(
      /vocabSize must be .* at least 258 .* not 100/,
    );
    const specialTokens = { eos: "</s>", pad: "</s>" };
    expect(() => trainTokenizer([], { vocabSize: 300, specialTokens })).toThrow(/two different names/);
  });

  test("throws for JSON that is not a tokenizer", () => {
    for (const content of ["{}", "[]", "null", "3", '{"model":{"type":"BPE"},"added_tokens":[]}']) {
      expect(() => tokenizerFromJson(JSON.parse(content), { source: "other.json" })).toThrow(
        /^The tokenizer other\.json is not as expected: [^\n]*\.$/,
      );
    }
  });

  test("gives a tokenizer or one sentence that names the file, whatever is changed in it", () => {
    const file = path.join(temporaryFolder("tokenizer"), "tokenizer.json");
    const whole = JSON.stringify(trainTokenizer(texts.train, { vocabSize: 262 }).json);
    const parts = [...whole.matchAll(/"(?:added_tokens|normalizer|pre_tokenizer|decoder|model|merges)"/g)];
    const near = fc
      .tuple(fc.constantFrom(...parts.map(({ index }) => index)), fc.nat(200))
      .map(([a, b]) => a + b);
    const change = fc.record({
      at: fc.oneof(near, fc.nat(whole.length)),
      removed: fc.nat(4),
      inserted: fc.oneof(
        fc.string({ unit: "binary", maxLength: 2 }),
        fc.constantFrom(
          "null",
          "9",
          "-",
          "e9",
          '"x":1,',
          '"__proto__":{"a":1},',
          "[",
          "{}",
          '"',
          ",",
          "\\u0000",
          "\ufeff",
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const changed = changes.reduce(
          (now, { at, removed, inserted }) => now.slice(0, at) + inserted + now.slice(at + removed),
          whole,
        );
        writeFileSync(file, changed);
        const begin = performance.now();
        try {
          const tokenizer = readTokenizer(file);
          const ids = tokenizer.encode(" a car's car, é😀\n<|padding|>");
          expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabulary.size)).toBe(
            true,
          );
          expect(typeof tokenizer.decode(ids)).toBe("string");
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(
            /^The tokenizer [^\n]*tokenizer\.json [^\n]*(\.|specialTokens\.)$/,
          );
        }
        expect(performance.now() - begin).toBeLessThan(10_000);
        expect("a" in {}).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, string, string]>([
    ["64,000,001 bytes", "", "it has 64000001 bytes and at most 64000000 are read"],
    ["a token twice", '{"model":{"vocab":{"a":0,"b":1,"a":2}}}', 'the name "a" twice in one object'],
    ["33 levels", "[".repeat(33), "more than 32 levels of arrays and objects"],
    ["no JSON", "GGUF", 'unexpected "G" at character 1'],
  ])("throws for a file of %s", (_, content, message) => {
    const file = path.join(temporaryFolder("tokenizer"), "tokenizer.json");
    writeFileSync(file, content);
    if (content === "") truncateSync(file, 64_000_001);
    expect(() => readTokenizer(file)).toThrow(message);
    expect(() => readTokenizer(file)).toThrow(
      /^The tokenizer [^\n]* cannot be read \(.*\): give the path of a tokenizer\.json\.$/,
    );
  });

  test("throws for a missing special token", () => {
    const specialTokens = { eos: "</s>", pad: "<|padding|>" };
    expect(() => tokenizerFromJson(tokenizer.json, { specialTokens, source: "x.json" })).toThrow(
      'The tokenizer x.json has no token "</s>": name its eos token with specialTokens.',
    );
  });

  test("decodes ids that no token has, which fill a model's vocabulary to a round number, to nothing", () => {
    const { size } = tokenizer.vocabulary;
    const ids = tokenizer.encode("a car");
    expect(tokenizer.decode([size])).toBe("");
    expect(tokenizer.decode([size + 1000, ...ids, size, 50_303])).toBe("a car");
    for (const id of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => tokenizer.decode([...ids, id])).toThrow(
        `has no token ${id}: ids are whole numbers from 0 up.`,
      );
    }
  });
});
