import { PRE_TOKEN_PATTERN } from "./bpe.ts";

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const MARK = "[^\\r\\n\\p{L}\\p{N}]?";

/**
 * The regular expressions that a tokenizer.json may hold, in the notation of the tokenizers library. Those of published
 * models are here if they take linear time on every text; an arbitrary one could take exponential time.
 */
export const SPLIT_PATTERNS: ReadonlySet<string> = new Set([
  PRE_TOKEN_PATTERN,
  // GPT-2, and the same with all its contractions in one group
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  // GPT-4 and Llama 3, Qwen 2 and 3, Qwen 3.5
  `${CONTRACTIONS}|${MARK}\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  `${CONTRACTIONS}|${MARK}\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  `${CONTRACTIONS}|${MARK}[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${SPACES}`,
  // GPT-4o and Llama 4, Mistral Nemo
  `${MARK}${UPPER}*${LOWER}+${CONTRACTIONS}?|${MARK}${UPPER}+${LOWER}*${CONTRACTIONS}?|` +
    `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`,
  `${MARK}${UPPER}*${LOWER}+|${MARK}${UPPER}+${LOWER}*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`,
  // DeepSeek V3
  "\\p{N}{1,3}",
  "[一-龥\u3040-ゟ゠-ヿ]+",
  "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|" +
    "\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
  // BLOOM, Falcon, CLIP
  " ?[^(\\s|[.,!?…。，、।۔،])]+",
  "[0-9][0-9][0-9]",
  "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
  // Single steps of several models
  "\\s+",
  " {2,}",
  "\\p{N}",
  "\\d",
  "\\d+",
]);
