import { cellMagics, lineMagics } from "./names.ts";

/** The names of magics that begin with what is typed, if that is all of its line; undefined if it is no magic. */
export function completeMagic(before: string): { prefix: string; matches: string[] } | undefined {
  const { space = "", prefix } = /(?:^|\n)(?<space>[ \t]*)(?<prefix>%%?\w*)$/.exec(before)?.groups ?? {};
  if (prefix === undefined) return undefined;
  const isFirst = before.trim() === prefix && !before.includes("\n") && space === "";
  const names = [
    ...Object.keys(lineMagics).map((name) => `%${name}`),
    ...(isFirst ? Object.keys(cellMagics).map((name) => `%%${name}`) : []),
  ];
  const matches = names.filter((name) => name.startsWith(prefix)).sort();
  return matches.length > 0 ? { prefix, matches } : undefined;
}
