import { quoted } from "../files/printable.ts";
import { TOKENIZER_LIMITS, type TokenizerParts } from "./tokenizer-format.ts";

/** Throws an error that names the tokenizer. */
type Fail = (problem: string) => never;

/**
 * The number of ids of a tokenizer, unused ones included. Fails if a token or a merge is malformed or too long, two tokens
 * have one id or one token two, too many ids are unused, or a merge's tokens are not in the vocabulary.
 */
export function vocabularySize({ model, added_tokens }: TokenizerParts, fail: Fail): number {
  const ids = new Map<string, number>();
  const tokens = new Map<number, string>();
  const longest = model.type === "Unigram" ? TOKENIZER_LIMITS.unigramToken : TOKENIZER_LIMITS.token;
  const add = (token: unknown, id: unknown) => {
    if (typeof token !== "string" || token.length > longest)
      return fail(`the token ${quoted(token)} should be text of at most ${longest} characters; take it out.`);
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= TOKENIZER_LIMITS.ids) {
      return fail(
        `the token ${quoted(token)} has the id ${quoted(id)}, and ids are whole numbers from 0 to ` +
          `${TOKENIZER_LIMITS.ids - 1}; number the tokens without gaps.`,
      );
    }
    const other = tokens.get(id as number);
    if (other !== undefined && other !== token) {
      fail(`the tokens ${quoted(other)} and ${quoted(token)} both have the id ${id}; give each its own.`);
    }
    const own = ids.get(token);
    if (own !== undefined && own !== id)
      fail(`the token ${quoted(token)} has the ids ${own} and ${id}; give it one.`);
    ids.set(token, id as number);
    tokens.set(id as number, token);
  };

  if (model.type === "Unigram") {
    for (const [id, entry] of model.vocab.entries()) {
      const [token, score] = Array.isArray(entry) ? entry : [];
      if (!Number.isFinite(score)) fail(`the token ${quoted(token)} should have a number as its score.`);
      if (ids.has(token)) fail(`the token ${quoted(token)} is listed twice; take one out.`);
      add(token, id);
    }
    if (model.unk_id >= ids.size) fail(`unk_id is ${model.unk_id} and there are ${ids.size} tokens.`);
  } else {
    for (const [token, id] of Object.entries(model.vocab)) add(token, id);
  }
  if (model.type === "BPE") checkMerges(model, ids, fail);
  const added = new Set<string>();
  for (const { content, id } of added_tokens) {
    if (added.has(content)) fail(`the added token ${quoted(content)} is listed twice; take one out.`);
    added.add(content);
    add(content, id);
  }
  const unknown = "unk_token" in model ? model.unk_token : null;
  if (unknown !== null && !ids.has(unknown))
    fail(`the unknown token ${quoted(unknown)} is not in the vocabulary; add it.`);

  let size = 0;
  for (const id of tokens.keys()) size = Math.max(size, id + 1);
  if (size - tokens.size > TOKENIZER_LIMITS.unused) {
    fail(
      `the ids end at ${size - 1} and there are ${tokens.size} tokens, and at most ${TOKENIZER_LIMITS.unused} ids may ` +
        "be unused; number the tokens without gaps.",
    );
  }
  return size;
}

type BpeModel = Extract<TokenizerParts["model"], { type: "BPE" }>;

/** Fails if merges are not all "a b" or all ["a", "b"], or if a, b or what they merge to is not a token. */
function checkMerges(
  { merges, continuing_subword_prefix }: BpeModel,
  ids: ReadonlyMap<string, number>,
  fail: Fail,
): void {
  if (merges.length > TOKENIZER_LIMITS.merges)
    fail(`there are ${merges.length} merges, and at most ${TOKENIZER_LIMITS.merges} are read; use fewer.`);
  const asPairs = Array.isArray(merges[0]);
  const prefix = continuing_subword_prefix ?? "";
  for (const merge of merges) {
    const pair: unknown = asPairs ? merge : typeof merge === "string" ? merge.split(" ", 3) : undefined;
    const [left, right, third] = Array.isArray(pair) ? pair : [];
    if (typeof left !== "string" || typeof right !== "string" || third !== undefined) {
      fail(`the merge ${quoted(merge)} should be two tokens, written like the first merge.`);
    }
    const result = left + (right.startsWith(prefix) ? right.slice(prefix.length) : right);
    const missing = [left, right, result].find((token) => !ids.has(token));
    if (missing !== undefined) {
      fail(
        `the merge ${quoted(merge)} needs the token ${quoted(missing)}, which is not in the vocabulary; add it or take ` +
          "the merge out.",
      );
    }
  }
}
