import type { Position } from "./cell-diagnostics.ts";
import type { OpenDocuments } from "./checker.ts";

// biome-ignore lint/suspicious/noExplicitAny: the server's `Hover`, or null
const markdownOf = (hover: any): string => hover?.contents?.value ?? "";

/** The documentation in a hover's Markdown: the part below the declaration's code block. */
const documentationOf = (markdown: string) => markdown.replace(/^```[\s\S]*?\n```/, "").trim();

/**
 * The type and documentation at a position of a document, as Markdown; "" if there is none. A variable of an earlier
 * cell is declared in the prologue as `declare let x: typeof __cells.c1.x`. The hover at the position has its narrowed
 * type but no documentation, so the latter is taken from a hover at the end of that declaration.
 */
export async function hoverAt(documents: OpenDocuments, file: string, position: Position): Promise<string> {
  const hover = async (at: Position) => markdownOf(await documents.request("hover", file, { position: at }));
  const markdown = await hover(position);
  if (!markdown || documentationOf(markdown)) return markdown;
  const definition = await documents.request("definition", file, { position });
  const [target] = [definition ?? []].flat();
  const range = target?.targetSelectionRange ?? target?.range;
  const isInPrologue = (target?.targetUri ?? target?.uri) === documents.uri(file) && range?.start.line === 0;
  if (!isInPrologue) return markdown;
  const character = (documents.textOf(file) ?? "").indexOf(";", range.start.character) - 1;
  return `${markdown.trim()}\n${documentationOf(await hover({ line: 0, character }))}`.trim();
}
