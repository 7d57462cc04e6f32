/** A Reddit post of the TL;DR data sets. */
export interface Post {
  /** With or without the leading `r/`. */
  readonly subreddit: string;
  readonly title: string;
  readonly post: string;
}

const ENDING = "\n\nTL;DR:";
/** What precedes the ending. It is matched without it, as a text of many "POST:" would take quadratic time otherwise. */
const TEMPLATE = /^SUBREDDIT: r\/([^\n]*)\n\nTITLE: ([\s\S]*?)\n\nPOST: ([\s\S]*)$/;

/** The paper's prompt: subreddit, title and post, then `TL;DR:`. */
export function formatPost({ subreddit, title, post }: Post): string {
  return `SUBREDDIT: r/${subreddit.replace(/^\/?r\//, "")}\n\nTITLE: ${title}\n\nPOST: ${post}${ENDING}`;
}

/** The inverse of `formatPost`, with the subreddit's bare name; undefined if the prompt does not follow its template. */
export function parsePost(prompt: string): Post | undefined {
  if (!prompt.endsWith(ENDING)) return undefined;
  const [, subreddit, title, post] = TEMPLATE.exec(prompt.slice(0, -ENDING.length)) ?? [];
  if (subreddit === undefined || title === undefined || post === undefined) return undefined;
  return { subreddit, title, post };
}

/** Which text of a prompt is cut, and the prompt with another text in its place. */
function cuttable(prompt: string): { post: string; withPost(body: string): string } {
  const fields = parsePost(prompt);
  if (fields) return { post: fields.post, withPost: (body) => formatPost({ ...fields, post: body }) };
  const ending = prompt.endsWith(ENDING) ? ENDING : "";
  return { post: prompt.slice(0, prompt.length - ending.length), withPost: (body) => body + ending };
}

/**
 * Shortens a prompt until `measure(prompt)`, its number of tokens, is at most `limit`, as the paper's code does: cuts the
 * post before its last newline again and again, and when there is none left, character by character from its end. A prompt
 * without the template is cut before its final `TL;DR:`, or at its end. Returns undefined if not even an empty post fits.
 *
 * Not every cut is measured. The result is the code's as long as a longer post has at most 8 tokens fewer than a shorter
 * one.
 */
export function truncatePost(
  prompt: string,
  limit: number,
  measure: (prompt: string) => number,
): string | undefined {
  if (prompt.length <= MEASURED_WHOLE && measure(prompt) <= limit) return prompt;
  const { post, withPost } = cuttable(prompt);
  const sizeOf = (end: number): number => measure(withPost(post.slice(0, end)));
  // Of a very long post, only a beginning that is too long is looked at.
  let looked = Math.max(1024, 8 * limit);
  while (looked < post.length && sizeOf(looked) <= limit + SLACK) looked *= 2;
  const beginning = post.slice(0, looked);
  const lines = Array.from(beginning.matchAll(/\n/g), ({ index }) => index);
  if (beginning.length === post.length) lines.push(post.length);
  const cuts = [
    { count: lines.length, end: (index: number) => lines[index]! },
    { count: (lines[0] ?? beginning.length) + 1, end: (index: number) => characterEnd(post, index) },
  ];
  for (const { count, end } of cuts) {
    const last = lastFitting(count, limit, (index) => sizeOf(end(index)));
    if (last >= 0) return withPost(post.slice(0, end(last)));
  }
  return undefined;
}

/** `at`, or one less if that is within a character of two UTF-16 units. */
function characterEnd(text: string, at: number): number {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
}

/** The longest prompt that is measured as a whole before it is cut: the longest that files may hold. */
const MEASURED_WHOLE = 100_000;
/** By how many tokens a longer text may measure less than a shorter one. */
const SLACK = 8;

/** The last of `count` ever longer texts whose size is at most `limit`; -1 if there is none. */
function lastFitting(count: number, limit: number, sizeOf: (index: number) => number): number {
  const isNear = (index: number): boolean => sizeOf(index) <= limit + SLACK;
  let low = -1;
  let step = 1;
  for (; low + step < count && isNear(low + step); step *= 2) low += step;
  let high = Math.min(low + step, count);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isNear(middle)) low = middle;
    else high = middle;
  }
  while (low >= 0 && sizeOf(low) > limit) low--;
  return low;
}

/**
 * Shortens a prompt until `measure(prompt)`, for example its number of tokens, is at most `limit`. The end of the post is
 * cut; title and `TL;DR:` stay. The cut is after the last paragraph or, failing that, the last sentence, if that keeps at
 * least half of the post that fits, and otherwise after the last word. A prompt without the template is cut before its
 * final `TL;DR:`, or at its end if it has none. Returns undefined if not even an empty post fits. `measure` must grow
 * with the length of the text.
 */
export function trimPost(
  prompt: string,
  limit: number,
  measure: (prompt: string) => number,
): string | undefined {
  const { post, withPost } = cuttable(prompt);
  const characters = Array.from(post);
  const beginning = (length: number): string => characters.slice(0, length).join("");
  // Of a very long post, only a beginning that is too long is looked at.
  let looked = prompt.length > MEASURED_WHOLE ? Math.max(1024, 8 * limit) : characters.length;
  while (looked < characters.length && measure(withPost(beginning(looked))) <= limit) looked *= 2;
  const size = measure(looked < characters.length ? withPost(beginning(looked)) : prompt);
  if (size <= limit) return prompt;
  characters.length = Math.min(looked, characters.length);

  // The first `low.length` characters of the post fit, and the first `high.length` do not. The search alternates between
  // linear interpolation and bisection.
  let low = { length: 0, size: measure(withPost("")) };
  let high = { length: characters.length, size };
  if (low.size > limit) return undefined;
  for (let probe = 0; low.size < limit && high.length - low.length > 1; probe++) {
    const share = probe % 2 === 0 ? (limit - low.size) / (high.size - low.size) : 0.5;
    const guess = low.length + Math.round(share * (high.length - low.length));
    const length = Math.min(Math.max(guess, low.length + 1), high.length - 1);
    const found = { length, size: measure(withPost(beginning(length).trimEnd())) };
    if (found.size <= limit) low = found;
    else high = found;
  }
  // Cutting at a boundary can increase `measure`, so that shorter beginnings may have to be tried.
  for (let length = low.length; ; length--) {
    const cut = withPost(atBoundary(beginning(length), characters[length]!));
    if (length === 0 || measure(cut) <= limit) return cut;
  }
}

/** `text` up to its last paragraph, sentence or word boundary, given that the character `next` follows it. */
function atBoundary(text: string, next: string): string {
  const ends = [/\n/g, /[.!?]["')\]]*(?=\s)/g].map((pattern) => {
    const last = [...(text + next).matchAll(pattern)].at(-1);
    return last === undefined ? 0 : last.index + last[0].length;
  });
  const words = /\s/.test(next) ? text.length : text.search(/\s\S*$/);
  const end = ends.find((at) => at >= text.length / 2) ?? (words > 0 ? words : text.length);
  return text.slice(0, end).trimEnd();
}
