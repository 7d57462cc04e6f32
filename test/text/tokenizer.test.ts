import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  loadTokenizer,
  saveTokenizer,
  type TokenizerJson,
  tokenizerFromJson,
  trainTokenizer,
} from "../../src/text/tokenizer.ts";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.json`, import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(fixture(name), "utf8"));
const texts: { train: string[]; encode: string[] } = read("tokenizer-texts");
const expected: {
  merges: [string, string][];
  trained: { ids: number[]; text: string }[];
  neox: { ids: number[]; text: string }[];
} = read("tokenizer-expected");

const scratch = mkdtempSync(join(tmpdir(), "allroads-tokenizer-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("against Hugging Face's tokenizers", () => {
  const trained = trainTokenizer(texts.train, { vocabSize: 340 });

  test("learns the same merges from the same texts", () => {
    expect(trained.json.model).toMatchObject({ merges: expected.merges });
    expect(trained.vocabulary).toEqual({ size: 340, eos: 0, pad: 1 });
  });

  test("writes the tokenizer.json that the library was given", () => {
    expect(trained.json).toEqual(read("tokenizer-trained"));
  });

  for (const [name, cases] of [
    ["trained", expected.trained],
    ["neox", expected.neox],
  ] as const) {
    test(`encodes and decodes ${cases.length} texts alike with tokenizer-${name}.json`, () => {
      const tokenizer = loadTokenizer(fixture(`tokenizer-${name}`));
      const found = texts.encode.map((text) => {
        const ids = tokenizer.encode(text);
        return { ids, text: tokenizer.decode(ids) };
      });
      expect(found).toEqual(cases);
    });
  }

  test("reads merges as lines too, as Pythia's tokenizer.json has them", () => {
    const json = read("tokenizer-neox");
    json.model.merges = json.model.merges.map((pair: string[]) => pair.join(" "));
    const tokenizer = tokenizerFromJson(json);
    expect(texts.encode.map((text) => tokenizer.encode(text))).toEqual(expected.neox.map(({ ids }) => ids));
  });

  test("learns whatever order the texts come in, and stops where no pair occurs twice", () => {
    const backwards = trainTokenizer([...texts.train].reverse(), { vocabSize: 340 });
    expect(backwards.identity).toBe(trained.identity);
    expect(trainTokenizer(["abab"], { vocabSize: 1000 }).vocabulary.size).toBe(259);
  });
});

describe("a trained tokenizer", () => {
  const tokenizer = trainTokenizer(texts.train, { vocabSize: 340 });

  test("gives every text back", () => {
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

  test("leaves special tokens out of the text", () => {
    expect(tokenizer.decode([0, ...tokenizer.encode("a car"), 0, 1, 1])).toBe("a car");
    expect(tokenizer.decode([1, 0])).toBe("");
    expect(tokenizer.decode([])).toBe("");
  });

  test("is the same after it was saved and loaded, and leaves nothing else behind", () => {
    const path = join(scratch, "saved", "tokenizer.json");
    saveTokenizer(tokenizer, path);
    const loaded = loadTokenizer(path);
    expect(loaded.identity).toBe(tokenizer.identity);
    expect(loaded.encode(texts.train[0]!)).toEqual(tokenizer.encode(texts.train[0]!));
    expect(readdirSync(join(scratch, "saved"))).toEqual(["tokenizer.json"]);
  });
});

describe("bad input", () => {
  const tokenizer = trainTokenizer(texts.train, { vocabSize: 300 });

  test("names a vocabulary that is too small and special tokens that are equal", () => {
    expect(() => trainTokenizer([], { vocabSize: 100 })).toThrow(
      /vocabSize must be .* at least 258 .* not 100/,
    );
    const specialTokens = { eos: "</s>", pad: "</s>" };
    expect(() => trainTokenizer([], { vocabSize: 300, specialTokens })).toThrow(/two different names/);
  });

  test("names a file that is missing, cut off, or something else", () => {
    const missing = join(scratch, "missing.json");
    expect(() => loadTokenizer(missing)).toThrow(`The tokenizer ${missing} cannot be read`);
    const cut = join(scratch, "cut.json");
    writeFileSync(cut, JSON.stringify(tokenizer.json).slice(0, 500));
    expect(() => loadTokenizer(cut)).toThrow(/cut\.json is not valid JSON/);
    const other = join(scratch, "other.json");
    for (const content of ["{}", "[]", "null", "3", '{"model":{"type":"BPE"},"added_tokens":[]}']) {
      writeFileSync(other, content);
      expect(() => loadTokenizer(other)).toThrow(/other\.json is not in tokenizer\.json's format/);
    }
  });

  test("names a special token that the vocabulary lacks, and an id outside it", () => {
    const specialTokens = { eos: "</s>", pad: "<|padding|>" };
    expect(() =>
      tokenizerFromJson(tokenizer.json as TokenizerJson, { specialTokens, source: "x.json" }),
    ).toThrow('The tokenizer x.json has no token "</s>": name its eos token with specialTokens.');
    expect(() => tokenizer.decode([5, 300])).toThrow("has no token 300: its ids end at 299");
  });
});
