/** What a judge is asked: a text with {{post}}, {{summarya}} and {{summaryb}} where the texts go. */
export type JudgePrompt = string;

/**
 * The prompt of the paper's code, which follows that of Rafailov et al. (arXiv 2305.18290) and Huang et al. (arXiv
 * 2403.17031), byte for byte: it begins and ends with a newline and has one backslash before a newline.
 */
export const paperPrompt: JudgePrompt = String.raw`
Which of the following summaries does a better job of summarizing the most important points in the given forum post, without including unimportant or irrelevant details? Judge based on accuracy, coverage, and coherence.

### Post:
{{post}}

### Summary A:
{{summarya}}

### Summary B:
{{summaryb}}

### Instructions:
FIRST provide a one-sentence comparison of the two summaries, explaining which \
you prefer and why. SECOND, on a new line, state only "A" or "B" to indicate your choice. Your response should use the format:
Comparison: <one-sentence comparison and explanation>
Preferred: <"A" or "B">
`;

const PLACES = ["post", "summarya", "summaryb"] as const;
const PLACE = /\{\{([^{}]*)\}\}/g;

/** Throws unless a prompt has each of the three places, and no other. */
export function checkPrompt(prompt: JudgePrompt): void {
  const found = [...prompt.matchAll(PLACE)].map(([, name = ""]) => name);
  const unknown = found.find((name) => !PLACES.some((place) => place === name));
  const missing = PLACES.find((place) => !found.includes(place));
  if (unknown === undefined && missing === undefined) return;
  const problem = unknown === undefined ? `lacks {{${missing}}}` : `has an unknown place {{${unknown}}}`;
  throw new Error(`The judge's prompt ${problem}: it needs {{post}}, {{summarya}} and {{summaryb}}.`);
}

/** The prompt with texts, trimmed, in their places. What looks like a place in a text stays as it is. */
export function fillPrompt(
  prompt: JudgePrompt,
  texts: { readonly post: string; readonly summarya: string; readonly summaryb: string },
): string {
  return prompt.replaceAll(PLACE, (_, name: (typeof PLACES)[number]) => texts[name].trim());
}
