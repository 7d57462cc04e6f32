import { z } from "zod";
import { isPlainObject } from "../files/plain-object.ts";
import { SPLIT_PATTERNS } from "./split-patterns.ts";

/*
 * What a tokenizer.json may hold. The library that runs it trusts its file, so it is given only what is described here:
 * the kinds of steps that published language models use, bounded so that the time of encoding grows with the text alone.
 */

/** Bounds of a tokenizer.json, several times what published models need: the largest have about 260,000 tokens. */
export const TOKENIZER_LIMITS = {
  /** The largest file, in bytes. */
  file: 64_000_000,
  /** How deep its JSON nests. */
  depth: 32,
  /** Ids are below it. */
  ids: 2 ** 20,
  /** Ids below the largest that no token has. */
  unused: 1024,
  merges: 2_000_000,
  addedTokens: 2 ** 14,
  /** The longest token, token of a Unigram model and added token, in UTF-16 units. Training can make long ones. */
  token: 2 ** 19,
  unigramToken: 1024,
  addedToken: 256,
  /** The longest sequence of steps. */
  steps: 32,
} as const;

const flag = z.boolean().nullish();
const mark = z.string().max(16);

/** Names the field in place of zod's "invalid input" where no kind fits. */
const unknownKind = {
  error: (issue: { readonly code?: string }) =>
    issue.code === "invalid_union" ? "is not a kind that is supported" : undefined,
};

/** A list of steps. */
const listOf = <S extends z.ZodType>(one: S) => z.array(one).max(TOKENIZER_LIMITS.steps);

const pattern = z.union(
  [
    z.strictObject({ String: z.string().min(1).max(TOKENIZER_LIMITS.addedToken) }),
    z.strictObject({
      Regex: z.string().refine((regex) => SPLIT_PATTERNS.has(regex), {
        error:
          "is not a known pattern, and others could take exponential time; use one of src/text/split-patterns.ts",
      }),
    }),
  ],
  unknownKind,
);

/** A replacement, which must not lengthen the text: several in a row could otherwise exhaust the memory. */
const replace = z
  .object({ type: z.literal("Replace"), pattern, content: z.string() })
  .superRefine(({ pattern, content }, context) => {
    const most = "String" in pattern ? pattern.String.length : 1;
    if (content.length <= most && !content.includes("$")) return;
    const message = `should have at most the ${most} characters that it replaces, and no "$"`;
    context.addIssue({ code: "custom", path: ["content"], message });
  });

const normalizer = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]) }),
    z.object({ type: z.literal("Strip"), strip_left: flag, strip_right: flag }),
    z.object({
      type: z.literal("BertNormalizer"),
      clean_text: flag,
      handle_chinese_chars: flag,
      strip_accents: flag,
      lowercase: flag,
    }),
    z.object({ type: z.literal("Precompiled"), precompiled_charsmap: z.string().nullish() }),
    z.object({ type: z.literal("Prepend"), prepend: mark }),
    replace,
  ],
  unknownKind,
);

const preTokenizer = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal(["Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Punctuation"]) }),
    z.object({
      type: z.literal("ByteLevel"),
      add_prefix_space: flag,
      trim_offsets: flag,
      use_regex: flag,
    }),
    z.object({ type: z.literal("Digits"), individual_digits: flag }),
    z.object({
      type: z.literal("Metaspace"),
      replacement: z.string().length(1).nullish(),
      str_rep: z.string().length(1).nullish(),
      prepend_scheme: z.enum(["always", "first", "never"]).nullish(),
    }),
    z.object({
      type: z.literal("Split"),
      pattern,
      behavior: z
        .enum(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"])
        .nullish(),
      invert: flag,
    }),
  ],
  unknownKind,
);

const decoder = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal(["ByteLevel", "Fuse", "ByteFallback"]) }),
    z.object({ type: z.literal("Metaspace"), replacement: z.string().length(1).nullish() }),
    z.object({ type: z.literal("WordPiece"), prefix: mark.nullish(), cleanup: flag }),
    z.object({ type: z.literal("BPEDecoder"), suffix: mark.min(1) }),
    z.object({
      type: z.literal("Strip"),
      content: mark,
      start: z.int().min(0).max(16),
      stop: z.int().min(0).max(16),
    }),
    replace,
  ],
  unknownKind,
);

const sequence = { type: z.literal("Sequence") };
const token = z.string().max(TOKENIZER_LIMITS.token);

/** Ids by token. `vocabularySize` checks them, which takes zod seconds. */
const vocabulary = z.custom<Record<string, unknown>>(isPlainObject, {
  error: "should be an object of ids by token",
});
const list = z.custom<readonly unknown[]>(Array.isArray, { error: "should be a list" });

/** The parts of a tokenizer.json that are read, but for its tokens, ids and merges. */
export const tokenizerSchema = z.object({
  added_tokens: z
    .array(
      z.object({
        id: z.int().min(0),
        content: z.string().min(1).max(TOKENIZER_LIMITS.addedToken),
        single_word: flag,
        lstrip: flag,
        rstrip: flag,
        normalized: flag,
        special: flag,
      }),
    )
    .max(TOKENIZER_LIMITS.addedTokens),
  normalizer: z
    .discriminatedUnion(
      "type",
      [normalizer, z.object({ ...sequence, normalizers: listOf(normalizer) })],
      unknownKind,
    )
    .nullable(),
  pre_tokenizer: z
    .discriminatedUnion(
      "type",
      [preTokenizer, z.object({ ...sequence, pretokenizers: listOf(preTokenizer) })],
      unknownKind,
    )
    .nullable(),
  decoder: z
    .discriminatedUnion("type", [decoder, z.object({ ...sequence, decoders: listOf(decoder) })], unknownKind)
    .nullable(),
  model: z.preprocess(
    withType,
    z.discriminatedUnion(
      "type",
      [
        z.object({
          type: z.literal("BPE"),
          vocab: vocabulary,
          merges: list,
          unk_token: token.nullish().transform((unknown) => unknown || null),
          continuing_subword_prefix: mark.nullish(),
          end_of_word_suffix: mark.nullish(),
          fuse_unk: flag,
          byte_fallback: flag,
          ignore_merges: flag,
        }),
        z.object({
          type: z.literal("WordPiece"),
          vocab: vocabulary,
          unk_token: token,
          continuing_subword_prefix: mark,
          max_input_chars_per_word: z.int().min(1).max(200).nullish(),
        }),
        z.object({
          type: z.literal("Unigram"),
          vocab: list,
          unk_id: z.int().min(0),
        }),
      ],
      unknownKind,
    ),
  ),
});

/** The parts of a tokenizer.json that are read. */
export type TokenizerParts = z.output<typeof tokenizerSchema>;

/** A model with its type, which files of early versions of the tokenizers library omit. */
function withType(model: unknown): unknown {
  if (typeof model !== "object" || model === null || "type" in model) return model;
  const type = "merges" in model ? "BPE" : "unk_id" in model ? "Unigram" : "WordPiece";
  return { ...model, type };
}
