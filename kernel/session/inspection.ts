import type { Content } from "../protocol/wire.ts";
import { lineAndCharacter, utf16Offset } from "./completion.ts";
import type { CellProgram } from "./program.ts";

/** Where the name of the function lies whose call's brackets are open at an offset; -1 where there is none. */
export function enclosingCallee(source: string, offset: number): number {
  let depth = 0;
  for (let at = offset - 1; at >= 0; at--) {
    const character = source[at]!;
    if (")]}".includes(character)) depth += 1;
    else if ("([{".includes(character)) {
      if (depth > 0) depth -= 1;
      else if (character === "(") {
        const name = /[\p{ID_Continue}$]+\s*(<[^<>]*>)?\s*$/u.exec(source.slice(0, at));
        return name ? name.index : -1;
      }
    }
  }
  return -1;
}

/** A hover's Markdown without what it says about cells being documents of their own. */
export const cleanHover = (markdown: string): string =>
  markdown
    .replace(/^(```\w*\n)\(alias\) /, "$1")
    .replace(/\nimport [^\n]*\n```/, "\n```")
    .trim();

/** Markdown as text: without fences and emphasis. */
export const plainHover = (markdown: string): string =>
  markdown
    .replace(/^```\w*\n?/gm, "")
    .replace(/`([^`]*)`/g, "$1")
    .replace(/\*([^*\s][^*]*)\*/g, "$1")
    .trim();

/** The content of `inspect_reply`: what is known of the name at a place, or of the function called there. */
export async function inspectAt(program: CellProgram, source: string, cursor: number): Promise<Content> {
  const offset = utf16Offset(source, cursor);
  const inName = /[\p{ID_Continue}$]/u;
  const touching = inName.test(source[offset] ?? "") ? offset : offset - 1;
  const places = [touching, enclosingCallee(source, offset)];
  for (const place of places) {
    if (place < 0 || !inName.test(source[place] ?? "")) continue;
    const markdown = cleanHover(await program.hover(source, lineAndCharacter(source, place)));
    if (!markdown) continue;
    return {
      status: "ok",
      found: true,
      data: { "text/markdown": markdown, "text/plain": plainHover(markdown) },
      metadata: {},
    };
  }
  return { status: "ok", found: false, data: {}, metadata: {} };
}
