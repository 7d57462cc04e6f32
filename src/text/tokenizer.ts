import { createHash } from "node:crypto";
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { validated } from "../files/data-files.ts";
import { parseJson } from "../files/json.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { visibleLine } from "../files/visible-text.ts";
import { PRE_TOKEN_PATTERN, trainBpe } from "./bpe.ts";
import { bpeEncoder } from "./bpe-encode.ts";
import { TOKENIZER_LIMITS, type TokenizerParts, tokenizerSchema } from "./tokenizer-format.ts";
import { vocabularySize } from "./vocabulary.ts";

/** Converts between text and token ids. */
export interface Tokenizer {
  /** Token ids run from 0 to `size` - 1. */
  readonly vocabulary: { readonly size: number; readonly pad: number; readonly eos: number };
  /** The ids of a text; no special tokens are added. Text that spells a special token becomes that token's id. */
  encode(text: string): number[];
  /**
   * The text of ids, without special tokens. Whole numbers that no token has are left out: models have more ids than
   * their tokenizer, to fill a round number. Throws if an id is not a whole number from 0 up.
   */
  decode(ids: readonly number[]): string;
  /** The contents of tokenizer.json, in Hugging Face's format. */
  readonly json: TokenizerJson;
  /** SHA-256 digest of `json`, in hexadecimal. */
  readonly identity: string;
}

/** The names of the end-of-text token and the padding token. */
export interface SpecialTokens {
  readonly eos: string;
  readonly pad: string;
}

/** The special tokens of GPT-NeoX and Pythia. */
export const neoxSpecialTokens: SpecialTokens = { eos: "<|endoftext|>", pad: "<|padding|>" };

/** A tokenizer.json. Only the parts that are read here are typed. */
export interface TokenizerJson {
  readonly added_tokens: readonly {
    readonly id: number;
    readonly content: string;
    readonly special: boolean;
  }[];
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
  readonly model: { readonly type: string; readonly vocab: Readonly<Record<string, number>> };
  readonly [part: string]: unknown;
}

/**
 * Trains a byte-level BPE tokenizer like GPT-NeoX's, but without normalisation, so that `decode(encode(text))` is `text`
 * for all well-formed text without special tokens. The vocabulary has `vocabSize` tokens (eos 0, pad 1, the 256 bytes,
 * merges), or fewer if no further pair occurs twice. The same texts give the same tokenizer. Throws if `vocabSize` is
 * below 258 or the special tokens are equal or shorter than two characters.
 */
export function trainTokenizer(
  texts: Iterable<string>,
  { vocabSize, specialTokens = neoxSpecialTokens }: { vocabSize: number; specialTokens?: SpecialTokens },
): Tokenizer {
  const special = [specialTokens.eos, specialTokens.pad];
  if (special.some((token) => token.length < 2) || special[0] === special[1]) {
    throw new Error(
      `Special tokens need two different names of at least two characters, not "${special.join('" and "')}".`,
    );
  }
  const least = special.length + 256;
  if (!Number.isInteger(vocabSize) || vocabSize < least) {
    throw new Error(
      `vocabSize must be a whole number of at least ${least} (the bytes and special tokens), not ${vocabSize}.`,
    );
  }
  const { tokens, merges } = trainBpe(texts, vocabSize, special);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const json: TokenizerJson = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({ id, content, ...flags })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    } as TokenizerJson["model"],
  };
  return tokenizerFromJson(json, { specialTokens });
}

/** How a tokenizer is opened. */
export interface TokenizerOptions {
  readonly specialTokens?: SpecialTokens;
  /** Its name in error messages. */
  readonly source?: string;
}

/**
 * The tokenizer in a tokenizer.json, for example Pythia's. Throws as `tokenizerFromJson` does, or if the file cannot be
 * read, has more than 64 MB, is not JSON or has a name twice in one object.
 */
export function readTokenizer(file: string, options: Omit<TokenizerOptions, "source"> = {}): Tokenizer {
  let json: unknown;
  try {
    json = parseJson(readUtf8(file, TOKENIZER_LIMITS.file), { depth: TOKENIZER_LIMITS.depth });
  } catch (error) {
    throw new Error(
      `The tokenizer ${file} cannot be read (${(error as Error).message}): give the path of a tokenizer.json.`,
    );
  }
  return tokenizerFromJson(json as TokenizerJson, { ...options, source: file });
}

/**
 * The tokenizer of a parsed tokenizer.json, for example Pythia's. Throws if it is not in tokenizer.json's format, exceeds
 * its bounds (`TOKENIZER_LIMITS`), has a pattern that is not known to take linear time or lacks one of the special tokens.
 */
export function tokenizerFromJson(
  json: TokenizerJson,
  { specialTokens = neoxSpecialTokens, source = "tokenizer.json" }: TokenizerOptions = {},
): Tokenizer {
  const name = `The tokenizer ${source}`;
  const fail = (problem: string): never => {
    throw new Error(`${name} is not as expected: ${problem}`);
  };
  const parts = validated(tokenizerSchema, json, name);
  const size = vocabularySize(parts, fail);
  const identity = createHash("sha256").update(textOf(json, fail)).digest("hex");
  let hub: HubTokenizer;
  try {
    // Without special tokens, there is nothing to post-process.
    hub = new HubTokenizer(
      { ...parts, pre_tokenizer: withUnicodeSpaces(parts.pre_tokenizer), post_processor: null },
      { clean_up_tokenization_spaces: false },
    );
    useFastBpe(hub, parts.model);
  } catch (error) {
    return fail(`it cannot be run (${visibleLine((error as Error).message)}); use another file.`);
  }
  const idOf = (role: keyof SpecialTokens): number => {
    const id = hub.token_to_id(specialTokens[role]);
    if (id !== undefined) return id;
    throw new Error(
      `${name} has no token "${specialTokens[role]}": name its ${role} token with specialTokens.`,
    );
  };
  const vocabulary = { size, pad: idOf("pad"), eos: idOf("eos") };
  const special = new Set(parts.added_tokens.filter((token) => token.special).map((token) => token.id));
  special.add(vocabulary.pad).add(vocabulary.eos);

  return {
    vocabulary,
    json,
    identity,
    encode: (text) => (text === "" ? [] : hub.encode(text, { add_special_tokens: false }).ids),
    decode(ids) {
      const unknown = ids.find((id) => !Number.isSafeInteger(id) || id < 0);
      if (unknown !== undefined)
        throw new Error(`${name} has no token ${unknown}: ids are whole numbers from 0 up.`);
      const shown = ids.filter((id) => !special.has(id) && hub.id_to_token(id) !== undefined);
      return shown.length === 0 ? "" : hub.decode(shown);
    },
  };
}

/**
 * Lets the library encode words by `bpeEncoder`, which gives the same tokens: its own takes seconds for words of some
 * 100,000 letters. Models with affixes stay with the library.
 */
function useFastBpe(hub: HubTokenizer, model: TokenizerParts["model"]): void {
  if (model.type !== "BPE" || model.end_of_word_suffix || model.continuing_subword_prefix) return;
  const merges = model.merges.map((merge) => (typeof merge === "string" ? merge.split(" ", 2) : merge));
  const bpe = bpeEncoder(model.vocab as Record<string, number>, merges as [string, string][]);
  Object.assign(hub.model as object, { bpe });
}

/** The text of `json`. Fails if it nests too deeply, in parts that are not read, or is not JSON. */
function textOf(json: TokenizerJson, fail: (problem: string) => never): string {
  try {
    return JSON.stringify(json);
  } catch {
    return fail("it nests too deeply or is not JSON; use the file as it was published.");
  }
}

/**
 * Replaces the pattern of a ByteLevel pre-tokenizer by `PRE_TOKEN_PATTERN`. The library would use JavaScript's `\s`, which
 * matches U+FEFF and not U+0085; Unicode's definition of white space is the other way round.
 */
function withUnicodeSpaces(step: TokenizerParts["pre_tokenizer"]): unknown {
  if (step?.type !== "ByteLevel" || step.use_regex === false || step.add_prefix_space) return step;
  return {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: PRE_TOKEN_PATTERN }, behavior: "Isolated", invert: true },
      { ...step, use_regex: false },
    ],
  };
}
