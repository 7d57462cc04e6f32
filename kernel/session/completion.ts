import type { Content } from "../shared/content.ts";
import { codePointsBefore, lineAndCharacter, utf16Offset } from "./cursor.ts";
import { completeMagic } from "./magics/complete.ts";
import { moduleNames, typedSpecifier } from "./module-names.ts";
import type { CellProgram } from "./program.ts";

/** The completion types that Jupyter's clients know, by the Language Server Protocol's `CompletionItemKind`. */
const jupyterTypes: Record<number, string> = {
  2: "method",
  3: "function",
  4: "function",
  5: "property",
  6: "instance",
  7: "class",
  8: "interface",
  9: "module",
  10: "property",
  13: "enum",
  14: "keyword",
  17: "file",
  19: "folder",
  20: "enum",
  21: "instance",
  22: "class",
  25: "type",
};

/** `CompletionItemKind.Snippet` of the Language Server Protocol. */
const snippet = 15;

/** The properties of the Language Server Protocol's `CompletionItem` used here. */
interface CompletionItem {
  label: string;
  kind?: number;
  insertText?: string;
  sortText?: string;
  filterText?: string;
  labelDetails?: { detail?: string };
}

/** Ranks a label against the prefix before the cursor: 0 exact prefix, 1 prefix but for its case, 2 no match. */
function matchRank(label: string, prefix: string): number {
  if (label.startsWith(prefix)) return 0;
  return label.toLowerCase().startsWith(prefix.toLowerCase()) ? 1 : 2;
}

/**
 * The content of the `complete_reply` for a cursor in the name of a magic or of a package, in code points. Undefined if
 * it is elsewhere.
 */
export function completeNames(source: string, cursor: number, folder: string): Content | undefined {
  const offset = utf16Offset(source, cursor);
  const before = source.slice(0, offset);
  const reply = (prefix: string, matches: string[], type: string): Content => {
    const [start, end] = [codePointsBefore(source, offset - prefix.length), codePointsBefore(source, offset)];
    const typed = matches.map((text) => ({ start, end, text, type }));
    const metadata = { _jupyter_types_experimental: typed };
    return { status: "ok", matches, cursor_start: start, cursor_end: end, metadata };
  };
  const magic = completeMagic(before);
  if (magic) return reply(magic.prefix, magic.matches, "magic");
  const specifier = typedSpecifier(before);
  if (specifier === undefined || /^[./]/.test(specifier)) return undefined;
  const matches = moduleNames(specifier, folder);
  return matches.length > 0 ? reply(specifier, matches, "module") : undefined;
}

/** The content of the `complete_reply` for a cursor position in code points. */
export async function complete(program: CellProgram, source: string, cursor: number): Promise<Content> {
  const offset = utf16Offset(source, cursor);
  const before = source.slice(0, offset);
  const specifier = typedSpecifier(before);
  const prefix = /[^/]*$/.exec(specifier ?? "")?.[0] || before.slice(before.search(/[\p{ID_Continue}$]*$/u));
  const result = await program.completion(source, lineAndCharacter(source, offset));
  const all: CompletionItem[] = Array.isArray(result) ? result : (result?.items ?? []);
  const items = all
    .filter(
      ({ label, kind }) => matchRank(label, prefix) < 2 && kind !== snippet && !label.startsWith("__cell"),
    )
    .sort((a, b) => {
      const order = matchRank(a.label, prefix) - matchRank(b.label, prefix);
      if (order !== 0) return order;
      const [left, right] = [a.sortText ?? a.label, b.sortText ?? b.label];
      return left < right ? -1 : left > right ? 1 : a.label < b.label ? -1 : 1;
    });
  const start = codePointsBefore(source, offset - prefix.length);
  const end = codePointsBefore(source, offset);
  return {
    status: "ok",
    matches: [...new Set(items.map(({ label }) => label))],
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: items.map(({ label, kind, labelDetails }) => ({
        start,
        end,
        text: label,
        type: jupyterTypes[kind ?? 0] ?? "",
        ...(labelDetails?.detail ? { signature: labelDetails.detail } : {}),
      })),
    },
  };
}
