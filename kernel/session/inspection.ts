import type { Content } from "../shared/content.ts";
import { lineAndCharacter, utf16Offset } from "./cursor.ts";
import type { CellProgram } from "./program.ts";

const identifierPart = /[\p{ID_Continue}$]/u;

/** The offset of the name of the function whose argument list contains an offset; -1 if there is none. */
export function enclosingCallee(source: string, offset: number): number {
  let depth = 0;
  for (let index = offset - 1; index >= 0; index--) {
    const character = source.charAt(index);
    if (")]}".includes(character)) depth += 1;
    else if ("([{".includes(character)) {
      if (depth > 0) depth -= 1;
      else if (character === "(") {
        const name = /[\p{ID_Continue}$]+\s*(<[^<>]*>)?\s*$/u.exec(source.slice(0, index));
        return name ? name.index : -1;
      }
    }
  }
  return -1;
}

/** Removes from a hover's Markdown what only reflects that cells are separate modules. */
const withoutImports = (markdown: string): string =>
  markdown
    .replace(/^(```\w*\n)\(alias\) /, "$1")
    .replace(/\nimport [^\n]*\n```/, "\n```")
    .trim();

/** Converts a hover's Markdown to plain text: removes code fences and emphasis. */
const plainText = (markdown: string): string =>
  markdown
    .replace(/^```\w*\n?/gm, "")
    .replace(/`([^`]*)`/g, "$1")
    .replace(/\*([^*\s][^*]*)\*/g, "$1")
    .trim();

const found = (markdown: string, text = plainText(markdown)): Content => ({
  status: "ok",
  found: true,
  data: { "text/markdown": markdown, "text/plain": text },
  metadata: {},
});

/** The content of an `inspect_reply` that has a help text. */
export const helpContent = (text: string): Content => found(`\`\`\`\n${text}\n\`\`\``, text);

/** An `inspect_reply` with the source of what it describes. */
export function withSource({ data }: Content, source: string): Content {
  const markdown = [data["text/markdown"] ?? "", `\`\`\`typescript\n${source}\n\`\`\``];
  const text = [data["text/plain"] ?? "", source];
  const join = (parts: string[]) => parts.filter((part) => part !== "").join("\n\n");
  return found(join(markdown), join(text));
}

/** The name at a cursor; "" if there is none. */
export function nameAt(source: string, cursor: number): string {
  const offset = utf16Offset(source, cursor);
  const start = /[\p{ID_Continue}$]*$/u.exec(source.slice(0, offset))?.[0] ?? "";
  return start + (/^[\p{ID_Continue}$]*/u.exec(source.slice(offset))?.[0] ?? "");
}

/** The magic, with its `%`, whose name the cursor is in or after; "" if there is none. */
export function magicAt(source: string, cursor: number): string {
  const offset = utf16Offset(source, cursor);
  const line = source.slice(source.lastIndexOf("\n", offset - 1) + 1);
  return /^\s*(%%?[A-Za-z]+)(?=[\s?]|$)/.exec(line)?.[1] ?? "";
}

/**
 * The content of an `inspect_reply`: type and documentation of the name at the cursor, else of the function whose
 * argument list contains the cursor. The cursor is in code points.
 */
export async function inspect(program: CellProgram, source: string, cursor: number): Promise<Content> {
  const offset = utf16Offset(source, cursor);
  const nameOffset = identifierPart.test(source.charAt(offset)) ? offset : offset - 1;
  for (const candidate of [nameOffset, enclosingCallee(source, offset)]) {
    if (candidate < 0 || !identifierPart.test(source.charAt(candidate))) continue;
    const markdown = withoutImports(await program.hover(source, lineAndCharacter(source, candidate)));
    if (!markdown) continue;
    return found(markdown);
  }
  return { status: "ok", found: false, data: {}, metadata: {} };
}
