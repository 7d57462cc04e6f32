/** The number of letters to insert, delete or replace to get from one word to another. */
function editDistance(from: readonly string[], to: readonly string[]): number {
  let row = [0, ...to.map((_, at) => at + 1)];
  for (const [line, letter] of from.entries()) {
    const next = [line + 1];
    for (const [at, other] of to.entries())
      next.push(Math.min(row[at]! + Number(letter !== other), row[at + 1]! + 1, next[at]! + 1));
    row = next;
  }
  return row[to.length]!;
}

/**
 * The name that was probably meant by `word`: one that begins with it, or differs in at most two letters or a third of
 * them; the first of equals. Undefined if none is near.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
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

/**
 * The message for a name that does not exist, with the one that was probably meant, or else all: 'There is no preset
 * "latop": did you mean "laptop"?' `hint` says what else to do if none is near and there are too many to list.
 */
export function unknownName(kind: string, word: string, names: readonly string[], hint?: string): string {
  const near = nearest(word, names);
  const rest = near === undefined ? (hint ?? `there are ${names.join(", ")}.`) : `did you mean "${near}"?`;
  return `There is no ${kind} "${word}": ${rest}`;
}
