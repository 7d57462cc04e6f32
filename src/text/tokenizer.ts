import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { PIECES, trainBpe } from "./bpe.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /** Token ids run from 0 to `size` - 1. */
  readonly vocabulary: { readonly size: number; readonly pad: number; readonly eos: number };
  /** The ids of a text, without any added at its ends. Text that spells a special token becomes its id. */
  encode(text: string): number[];
  /** The text of ids, without special tokens. Throws where an id is not in the vocabulary. */
  decode(ids: readonly number[]): string;
  /** The contents of tokenizer.json, in Hugging Face's format. */
  readonly json: TokenizerJson;
  /** A digest of `json`. */
  readonly identity: string;
}

/** How a tokenizer writes the end of a text and the filling after it. */
export interface SpecialTokens {
  readonly eos: string;
  readonly pad: string;
}

/** GPT-NeoX's and Pythia's names. */
export const neoxSpecialTokens: SpecialTokens = { eos: "<|endoftext|>", pad: "<|padding|>" };

/** A tokenizer.json: only the parts that are read here are typed. */
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
 * Trains a byte-level BPE tokenizer on texts, as GPT-NeoX's but without normalisation, so that
 * `decode(encode(text))` is `text` for all well-formed text without special tokens. The vocabulary has
 * `vocabSize` tokens (eos 0, pad 1, the 256 bytes, merges), or fewer where the texts have no more pairs
 * that occur twice. The same texts give the same tokenizer. Throws where `vocabSize` is below 258.
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

/**
 * The tokenizer that a tokenizer.json file describes, for example Pythia's. Throws one sentence naming
 * the file where it is missing, is not a tokenizer.json, or lacks one of the special tokens.
 */
export function loadTokenizer(path: string, options: { specialTokens?: SpecialTokens } = {}): Tokenizer {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Error(`The tokenizer ${path} cannot be read: give the path of a tokenizer.json file.`);
  }
  let json: TokenizerJson;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`The tokenizer ${path} is not valid JSON (${(error as Error).message}): fetch it again.`);
  }
  return tokenizerFromJson(json, { ...options, source: path });
}

/** Writes a tokenizer as a tokenizer.json that transformers and tokenizers load, whole or not at all. */
export function saveTokenizer(tokenizer: Tokenizer, path: string): void {
  writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(tokenizer.json, null, 1)}\n`));
}

/**
 * The tokenizer that the contents of a tokenizer.json describe. `source` names them in messages.
 * Throws where they are not a tokenizer or lack one of the special tokens.
 */
export function tokenizerFromJson(
  json: TokenizerJson,
  {
    specialTokens = neoxSpecialTokens,
    source = "tokenizer.json",
  }: { specialTokens?: SpecialTokens; source?: string } = {},
): Tokenizer {
  let hub: HubTokenizer;
  try {
    hub = new HubTokenizer(
      { ...json, pre_tokenizer: withUnicodeSpaces(json.pre_tokenizer) },
      { clean_up_tokenization_spaces: false },
    );
  } catch (error) {
    throw new Error(
      `The tokenizer ${source} is not in tokenizer.json's format (${(error as Error).message}).`,
    );
  }
  const idOf = (role: keyof SpecialTokens): number => {
    const id = hub.token_to_id(specialTokens[role]);
    if (id !== undefined) return id;
    throw new Error(
      `The tokenizer ${source} has no token "${specialTokens[role]}": name its ${role} token with specialTokens.`,
    );
  };
  const vocabulary = {
    size: 1 + Math.max(...hub.get_vocab().values()),
    pad: idOf("pad"),
    eos: idOf("eos"),
  };
  const special = new Set(json.added_tokens.filter((token) => token.special).map((token) => token.id));
  special.add(vocabulary.pad).add(vocabulary.eos);

  return {
    vocabulary,
    json,
    identity: createHash("sha256").update(JSON.stringify(json)).digest("hex"),
    encode: (text) => (text === "" ? [] : hub.encode(text, { add_special_tokens: false }).ids),
    decode(ids) {
      const unknown = ids.find((id) => hub.id_to_token(id) === undefined);
      if (unknown !== undefined) {
        throw new Error(
          `The tokenizer ${source} has no token ${unknown}: its ids end at ${vocabulary.size - 1}.`,
        );
      }
      const shown = ids.filter((id) => !special.has(id));
      return shown.length === 0 ? "" : hub.decode(shown);
    },
  };
}

/**
 * A pre-tokenizer with its ByteLevel step's pieces found by `PIECES`. JavaScript's own `\s`, by which
 * the library would find them, counts U+FEFF as a space and not U+0085: Unicode has it the other way.
 */
function withUnicodeSpaces(preTokenizer: unknown): unknown {
  const step = preTokenizer as { type?: string; use_regex?: boolean; add_prefix_space?: boolean } | null;
  if (step?.type !== "ByteLevel" || step.use_regex === false || step.add_prefix_space) return preTokenizer;
  return {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: PIECES }, behavior: "Isolated", invert: true },
      { ...step, use_regex: false },
    ],
  };
}
