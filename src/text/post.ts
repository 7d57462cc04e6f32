/** A Reddit post of the TL;DR data sets. */
export interface Post {
  /** Without the leading `r/`. */
  readonly subreddit: string;
  readonly title: string;
  readonly post: string;
}

const ENDING = "\n\nTL;DR:";
/** What precedes the ending. It is matched without it, as a text of many "POST:" would take quadratic time otherwise. */
const TEMPLATE = /^SUBREDDIT: r\/([^\n]*)\n\nTITLE: ([\s\S]*?)\n\nPOST: ([\s\S]*)$/;

/** The paper's prompt: subreddit, title and post, then `TL;DR:`. */
export function formatPost({ subreddit, title, post }: Post): string {
  return `SUBREDDIT: r/${subreddit}\n\nTITLE: ${title}\n\nPOST: ${post}${ENDING}`;
}

/** The inverse of `formatPost`; undefined if the prompt does not follow its template. */
export function parsePost(prompt: string): Post | undefined {
  if (!prompt.endsWith(ENDING)) return undefined;
  const [, subreddit, title, post] = TEMPLATE.exec(prompt.slice(0, -ENDING.length)) ?? [];
  if (subreddit === undefined || title === undefined || post === undefined) return undefined;
  return { subreddit, title, post };
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
  const size = measure(prompt);
  if (size <= limit) return prompt;
  const fields = parsePost(prompt);
  const ending = prompt.endsWith(ENDING) ? ENDING : "";
  const post = fields ? fields.post : prompt.slice(0, prompt.length - ending.length);
  const characters = Array.from(post);
  const withPost = (body: string): string => (fields ? formatPost({ ...fields, post: body }) : body + ending);
  const beginning = (length: number): string => characters.slice(0, length).join("");

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
