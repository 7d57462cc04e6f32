/** The number of letters to insert, delete or replace to get from one word to another. */
function editDistance(from, to) {
  let row = [0, ...to.map((_, at) => at + 1)];
  for (const [line, letter] of from.entries()) {
    const next = [line + 1];
    for (const [at, other] of to.entries())
      next.push(
        Math.min((row[at] ?? 0) + Number(letter !== other), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/**
 * The name that was probably meant by `word`: one that begins with it, or differs in at most two letters or a third of
 * them; the first of equals.
 *
 * @param {string} word
 * @param {readonly string[]} names
 * @returns {string | undefined} undefined if none is near
 */
export function nearest(word, names) {
  const given = [...word.slice(0, 100).toLowerCase()];
  const limit = given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3));
  const rated = names.map((name) => {
    const letters = [...name.toLowerCase()];
    const begins = given.length > 1 && given.every((letter, at) => letter === letters[at]);
    return { name, distance: begins ? 0 : editDistance(given, letters) };
  });
  const near = rated.filter(({ distance }) => distance <= limit).sort((a, b) => a.distance - b.distance);
  return near[0]?.name;
}
