/* Text: ROUGE-L, the byte-level tokenizer, and rows of posts and preferences. */
export { formatPost, type Post, parsePost, trimPost, truncatePost } from "./post.ts";
export { type RougeScore, rougeL } from "./rouge.ts";
export { parseRow, type Row } from "./row.ts";
export { parseRows, readRows } from "./rows.ts";
export {
  neoxSpecialTokens,
  readTokenizer,
  type Tokenizer,
  tokenizerFromJson,
  trainTokenizer,
} from "./tokenizer.ts";
