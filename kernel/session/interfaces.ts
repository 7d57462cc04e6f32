import type { DocumentId } from "./document-id.ts";
import type { DeclaredInterface } from "./outline.ts";
import type { ParsedCell } from "./parse-cell.ts";

/**
 * Interfaces of one name in several cells are one interface, as in one file. Running a cell again replaces the
 * interfaces that it declared before.
 */

/** An interface that a cell has declared, with the document of the cell while there is one. */
export interface InterfacePart extends DeclaredInterface {
  document: DocumentId | undefined;
  /** Whether the user has deleted the cell. */
  isDeleted: boolean;
  cell: ParsedCell;
}

/** The parts of each interface, by its name. */
export type Interfaces = ReadonlyMap<string, readonly InterfacePart[]>;

/**
 * Whether a cell replaces an earlier part of an interface, instead of adding to it. If a client does not tell which
 * cell it runs, a cell that repeats a property or changes the type parameters is taken for an edited version of the
 * earlier one: nobody writes a property of one interface twice.
 */
function isReplaced(part: InterfacePart, cell: ParsedCell): boolean {
  if (part.isDeleted) return true;
  if (part.cell.id !== undefined && cell.id !== undefined) return part.cell.id === cell.id;
  if (part.cell.source === cell.source) return true;
  const own = cell.outline.interfaces.filter(({ name }) => name === part.name);
  return own.some(
    ({ properties, parameters }) =>
      parameters?.declared !== part.parameters?.declared ||
      properties.some((property) => part.properties.includes(property)),
  );
}

const changeParts = (interfaces: Interfaces, change: (part: InterfacePart) => InterfacePart) =>
  new Map([...interfaces].map(([name, parts]) => [name, parts.map(change)]));

/** The parts, in other cells, of the interfaces that a cell declares. */
export function otherParts(interfaces: Interfaces, cell: ParsedCell): InterfacePart[] {
  const names = new Set(cell.outline.interfaces.map(({ name }) => name));
  return [...names].flatMap((name) => (interfaces.get(name) ?? []).filter((part) => !isReplaced(part, cell)));
}

/** The parts after a cell has run: its own replace those of its earlier versions, its other types whole interfaces. */
export function withCell(interfaces: Interfaces, cell: ParsedCell, document: DocumentId): Interfaces {
  const { declared, interfaces: own } = cell.outline;
  const changed = changeParts(interfaces, (part) =>
    // The id may have been that of a document that has been removed.
    part.document === document ? { ...part, document: undefined } : part,
  );
  for (const { name, kind } of declared) if (kind === "type" || kind === "other") changed.delete(name);
  const added = own.map((each) => ({ ...each, document, isDeleted: false, cell }));
  for (const part of [...otherParts(interfaces, cell), ...added])
    changed.set(part.name, [...(changed.get(part.name) ?? []), part]);
  return changed;
}

/** The parts after the user has deleted cells: the next cell that declares their interfaces replaces their parts. */
export const withoutCells = (interfaces: Interfaces, ids: ReadonlySet<string>): Interfaces =>
  changeParts(interfaces, (part) =>
    part.cell.id !== undefined && ids.has(part.cell.id) ? { ...part, isDeleted: true } : part,
  );

/**
 * A part as text of another cell's document. It has no line feeds, so that it does not move the lines behind it: the
 * checker's positions count lines by these only, while for its parser U+2028 ends a line, too.
 */
export function partText({ name, text }: InterfacePart, cell: ParsedCell): string {
  const isExported = cell.outline.declared.some((own) => own.name === name && own.exported);
  return `${isExported ? "export " : ""}${text.replaceAll(/\r?\n/g, "\u2028")}`;
}

/**
 * What the documents of the cells that declare an interface must have appended, so that the interface is the same
 * everywhere: in all documents but the last one, which has all parts, it extends that of the last one.
 */
export function extensions(interfaces: Interfaces): Map<DocumentId, string> {
  const texts = new Map<DocumentId, string>();
  for (const parts of interfaces.values()) {
    const last = parts.at(-1)?.document;
    const others = new Map(parts.map((part) => [part.document, part]));
    for (const [document, { name, isExported, parameters }] of others) {
      if (document === undefined || document === last) continue;
      const { declared = "", passed = "" } = parameters ?? {};
      const head = `${isExported ? "export " : ""}interface ${name}${declared}`;
      const text = `${head} extends __cells.${last}.${name}${passed} {}`;
      texts.set(document, [texts.get(document) ?? "", text].join("\n"));
    }
  }
  return texts;
}
