/** The draft with the highest score of `count`, the first of equals. */
export function bestDraft(
  count: number,
  draft: () => number[],
  score: (completion: readonly number[]) => number,
): number[] {
  const drafts = Array.from({ length: count }, draft);
  const scores = drafts.map(score);
  return drafts[scores.indexOf(Math.max(...scores))]!;
}
