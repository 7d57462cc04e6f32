import type { LanguageServer } from "./lsp.ts";
import type { Position } from "./program.ts";

/** The Markdown of a hover; "" where there is none. */
// biome-ignore lint/suspicious/noExplicitAny: the server's answer
const markdownOf = (hover: any): string => hover?.contents?.value ?? "";

/** What a hover says below the declaration. */
const below = (markdown: string) => markdown.replace(/^```[\s\S]*?\n```/, "").trim();

/**
 * What the checker says of a place in the document `uri`, whose text is `text`, as Markdown. A variable of an earlier
 * cell is declared in the first line, as `typeof import("…").name`, and the comment on it is found behind that name:
 * where its type is asked for alone, what the place makes of it would be lost.
 */
export async function hoverAt(
  to: LanguageServer,
  uri: string,
  text: string,
  position: Position,
): Promise<string> {
  const at = (place: Position) => ({ textDocument: { uri }, position: place });
  const markdown = markdownOf(await to.request("textDocument/hover", at(position)));
  if (!markdown || below(markdown)) return markdown;
  const found = await to.request("textDocument/definition", at(position));
  const [target] = [found ?? []].flat();
  const range = target?.targetSelectionRange ?? target?.range;
  if ((target?.targetUri ?? target?.uri) !== uri || range?.start.line !== 0) return markdown;
  const [line] = text.split("\n", 1);
  const character = line!.indexOf('").', range.start.character) + 3;
  const named = await to.request("textDocument/hover", at({ line: 0, character }));
  return `${markdown.trim()}\n${below(markdownOf(named))}`.trim();
}
