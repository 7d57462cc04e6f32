/** A Reddit post as the TL;DR data sets hold it. */
export interface Post {
  /** Without the leading `r/`. */
  readonly subreddit: string;
  readonly title: string;
  readonly post: string;
}

const ENDING = "\n\nTL;DR:";
const TEMPLATE = /^SUBREDDIT: r\/([^\n]*)\n\nTITLE: ([\s\S]*?)\n\nPOST: ([\s\S]*)\n\nTL;DR:$/;

/** The prompt that the paper's models complete: subreddit, title and post, then `TL;DR:`. */
export function formatPost({ subreddit, title, post }: Post): string {
  return `SUBREDDIT: r/${subreddit}\n\nTITLE: ${title}\n\nPOST: ${post}${ENDING}`;
}

/** The fields of a prompt that follows the template of `formatPost`; undefined where it does not. */
export function parsePost(prompt: string): Post | undefined {
  const match = TEMPLATE.exec(prompt);
  return match ? { subreddit: match[1]!, title: match[2]!, post: match[3]! } : undefined;
}

/**
 * A prompt cut to `measure(prompt)` of at most `limit`, for example in tokens, at the end of its post, so
 * that the title before it and `TL;DR:` after it stay: after the last paragraph or else the last sentence
 * where that keeps at least half of the post that fits, or else after the last word. A prompt without
 * the template is cut before its closing `TL;DR:`, or at its end where it has none. Undefined where not
 * even an empty post fits. `measure` should grow with the length of the text.
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
  const whole = (body: string): string => (fields ? formatPost({ ...fields, post: body }) : body + ending);
  const beginning = (length: number): string => characters.slice(0, length).join("");

  // The post's first `low.length` characters fit and its first `high.length` do not. Probes alternate
  // between the length that fits if each character costs the same and the middle.
  let low = { length: 0, size: measure(whole("")) };
  let high = { length: characters.length, size };
  if (low.size > limit) return undefined;
  for (let probe = 0; low.size < limit && high.length - low.length > 1; probe++) {
    const share = probe % 2 === 0 ? (limit - low.size) / (high.size - low.size) : 0.5;
    const guess = low.length + Math.round(share * (high.length - low.length));
    const length = Math.min(Math.max(guess, low.length + 1), high.length - 1);
    const found = { length, size: measure(whole(beginning(length).trimEnd())) };
    if (found.size <= limit) low = found;
    else high = found;
  }
  for (let length = low.length; ; length--) {
    const cut = whole(atBoundary(beginning(length), characters[length]!));
    if (length === 0 || measure(cut) <= limit) return cut;
  }
}

/** `text`, which `next` would follow, up to its last paragraph, sentence or word boundary. */
function atBoundary(text: string, next: string): string {
  const ends = [/\n/g, /[.!?]["')\]]*(?=\s)/g].map((pattern) => {
    const last = [...(text + next).matchAll(pattern)].at(-1);
    return last === undefined ? 0 : last.index + last[0].length;
  });
  const words = /\s/.test(next) ? text.length : text.search(/\s\S*$/);
  const end = ends.find((at) => at >= text.length / 2) ?? (words > 0 ? words : text.length);
  return text.slice(0, end).trimEnd();
}
