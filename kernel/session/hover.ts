import type { Shown } from "./checker.ts";
import type { Position } from "./program.ts";

/** The Markdown of a hover; "" where there is none. */
// biome-ignore lint/suspicious/noExplicitAny: the server's answer
const markdownOf = (hover: any): string => hover?.contents?.value ?? "";

/** What a hover says below the declaration. */
const below = (markdown: string) => markdown.replace(/^```[\s\S]*?\n```/, "").trim();

/**
 * What the checker says of a place in a document, as Markdown. A variable of an earlier cell is declared in the first
 * line, as `typeof __cells.c1.name`, and the comment on it is found behind that name: where its type is asked for alone,
 * what the place makes of it would be lost.
 */
export async function hoverAt(to: Shown, file: string, position: Position): Promise<string> {
  const at = async (place: Position) => markdownOf(await to.ask("hover", file, { position: place }));
  const markdown = await at(position);
  if (!markdown || below(markdown)) return markdown;
  const found = await to.ask("definition", file, { position });
  const [target] = [found ?? []].flat();
  const range = target?.targetSelectionRange ?? target?.range;
  if ((target?.targetUri ?? target?.uri) !== to.uri(file) || range?.start.line !== 0) return markdown;
  const [line] = to.textOf(file)!.split("\n", 1);
  const character = line!.indexOf(";", range.start.character) - 1;
  return `${markdown.trim()}\n${below(await at({ line: 0, character }))}`.trim();
}
