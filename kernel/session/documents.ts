import path from "node:path";
import type { DocumentId } from "./document-id.ts";
import { extensions, type Interfaces, otherParts, partText, withCell, withoutCells } from "./interfaces.ts";
import type { DeclaredName } from "./outline.ts";
import type { ParsedCell } from "./parse-cell.ts";
import {
  cellFileName,
  indexFileName,
  indexHeader,
  indexImport,
  type PlaceholderFiles,
} from "./placeholder-files.ts";

/** The document that last declared a name, and the kind of the declaration. */
export type Owner = { id: DocumentId } & Pick<DeclaredName, "kind" | "parameters">;

/** The owners of a name as a value and as a type: the same one, if its declaration is of kind "other". */
export interface Owners {
  value?: Owner;
  type?: Owner;
}

/** Names of earlier cells with their owners. */
type Names = ReadonlyMap<string, Owners>;

/**
 * The executed cells as documents of the type checker: those that own a name, and those that these depend on. A document
 * keeps its text, apart from the extensions of its interfaces.
 */
export interface Documents {
  /** The owners of each declared name. */
  owners: Map<string, Owners>;
  /** The text of each document, and the documents it imports names from. */
  texts: Map<DocumentId, { text: string; dependencies: Set<DocumentId> }>;
  interfaces: Interfaces;
}

export const emptyDocuments = (): Documents => ({
  owners: new Map(),
  texts: new Map(),
  interfaces: new Map(),
});

/** A copy that can be changed independently. */
export const copyDocuments = ({ owners, texts, interfaces }: Documents): Documents => ({
  owners: new Map(owners),
  texts: new Map(texts),
  interfaces,
});

/** What a cell's document takes from earlier cells. */
export interface Context {
  names: Names;
  /** The parts that the interfaces of the cell have in other cells, as text. */
  interfaces: readonly string[];
}

/** The file paths of a notebook's documents. */
export interface DocumentPaths {
  /** The cell index, which re-exports all cells. */
  index: string;
  /** The document for code that is not committed: expressions, completion, inspection. */
  scratch: string;
  /** The same for code with JSX. */
  scratchJsx: string;
  file(id: DocumentId): string;
  /** The specifier by which a document imports the cell index. */
  indexSpecifier(id: DocumentId | "scratch"): string;
}

export function documentPaths(folder: string, placeholders: PlaceholderFiles): DocumentPaths {
  const index = path.join(placeholders.folder, indexFileName);
  return {
    index,
    scratch: path.join(folder, "__cell__.ts"),
    scratchJsx: path.join(folder, "__cell__.tsx"),
    file: (id) =>
      path.join(
        id.startsWith("c") ? placeholders.folder : folder,
        cellFileName(Number(id.slice(1)), id.startsWith("x") ? "tsx" : "ts"),
      ),
    indexSpecifier: (id) => (id.startsWith("c") ? `./${indexFileName}` : index),
  };
}

/** The text of the cell index, which exports each document under its id. */
export const indexText = (ids: Iterable<DocumentId>, { file }: DocumentPaths): string =>
  [indexHeader, ...[...ids].map((id) => `export * as ${id} from ${JSON.stringify(file(id))};`)].join("\n");

/** Whether a declaration of this kind declares a value, a type, or both. */
const isValue = (kind: DeclaredName["kind"]) => kind !== "type";
const isType = (kind: DeclaredName["kind"]) => kind === "type" || kind === "other";

/** The names that remain of earlier cells in a cell with some declarations. */
export function withoutDeclared(names: Names, declared: readonly DeclaredName[]): Map<string, Owners> {
  const remaining = new Map(names);
  for (const { name, kind } of declared) {
    const { value, type } = remaining.get(name) ?? {};
    const left = {
      ...(value && !isValue(kind) ? { value } : {}),
      ...(type && !isType(kind) && type !== value ? { type } : {}),
    };
    if (left.value || left.type) remaining.set(name, left);
    else remaining.delete(name);
  }
  return remaining;
}

/**
 * What a cell takes from earlier cells: the names that it or its interfaces' parts in other cells mention, unless it
 * declares them itself. With `all`, all names that it does not declare.
 */
export function contextOf({ owners, interfaces }: Documents, cell: ParsedCell, all = false): Context {
  const parts = otherParts(interfaces, cell);
  const mentions = [cell, ...parts.map((part) => part.cell)].map(
    ({ identifiers }) => identifiers ?? owners.keys(),
  );
  const names = new Map<string, Owners>();
  for (const name of all ? owners.keys() : mentions.flatMap((each) => [...each])) {
    const owner = name === "global" ? undefined : owners.get(name);
    if (owner) names.set(name, owner);
  }
  return {
    names: withoutDeclared(names, cell.outline.declared),
    interfaces: parts.map((part) => partText(part, cell)),
  };
}

/**
 * The declarations that make a name of earlier cells available. Variables are declared with `typeof`: an import alias
 * can be neither assigned to nor narrowed inside functions. So are values whose name is a type of another cell, or of
 * this one, with which an alias would conflict.
 */
function declarationsOf(name: string, { value, type }: Owners): string {
  const isWhole = value?.kind === "other" ? value === type : value?.kind === "function" && !type;
  const owner = value ?? type;
  if (owner && (isWhole || !value)) return `import ${name} = __cells.${owner.id}.${name};`;
  const declared = `declare ${value?.kind === "let" ? "let" : "const"} ${name}: typeof __cells.${value?.id}.${name};`;
  if (!type) return declared;
  const { declared: parameters = "", passed = "" } = type.parameters ?? {};
  return `${declared} type ${name}${parameters} = __cells.${type.id}.${name}${passed};`;
}

/** The first line of a cell's document, which makes names of earlier cells available through one import of the cell index. */
export function prologue({ names, interfaces }: Context, indexSpecifier: string): string {
  const lines = [...names].map(([name, owners]) => declarationsOf(name, owners));
  // The empty statement ends the imports: directly after them, completion would offer only further imports.
  return [indexImport(indexSpecifier), ...lines, ...interfaces, ";"].join(" ");
}

/** The text of a cell's document: prologue, then the cell from the second line on, then exports of all it declares. */
export function documentText(
  { source, outline, additions = "" }: ParsedCell,
  context: Context,
  indexSpecifier: string,
): string {
  const unexported = outline.declared.filter(({ exported }) => !exported).map(({ name }) => name);
  return `${prologue(context, indexSpecifier)}\n${source}\n;${additions} export { ${unexported.join(", ")} };`;
}

const idsOf = ({ value, type }: Owners): DocumentId[] =>
  [value, type].flatMap((owner) => (owner ? [owner.id] : []));

/** The documents that own a name, and their transitive dependencies. */
function reachableDocuments({ owners, texts }: Pick<Documents, "owners" | "texts">): Set<DocumentId> {
  const reachable = new Set([...owners.values()].flatMap(idsOf));
  // The set grows during the iteration, which visits the added ids too.
  for (const id of reachable) for (const each of texts.get(id)?.dependencies ?? []) reachable.add(each);
  return reachable;
}

/** The texts of all documents, with the extensions of interfaces that later cells have added to. */
export function documentTexts({ texts, interfaces }: Documents): Map<DocumentId, string> {
  const extended = extensions(interfaces);
  return new Map([...texts].map(([id, { text }]) => [id, text + (extended.get(id) ?? "")]));
}

/** Whether a cell declares the name of an interface of earlier cells, and so may change their documents. */
export const changesInterfaces = ({ interfaces }: Documents, { outline }: ParsedCell): boolean =>
  outline.declared.some(({ name }) => interfaces.has(name));

/** Forgets the interfaces of cells that the user has deleted. */
export function removeCells(documents: Documents, ids: ReadonlySet<string>): void {
  documents.interfaces = withoutCells(documents.interfaces, ids);
}

/** Adds the document of a cell with its context, and removes documents no longer reachable from any name. */
export function addDocument(
  documents: Documents,
  id: DocumentId,
  text: string,
  cell: ParsedCell,
  { names }: Context,
): void {
  const { owners, texts } = documents;
  const { declared } = cell.outline;
  documents.interfaces = withCell(documents.interfaces, cell, id);
  texts.set(id, { text, dependencies: new Set([...names.values()].flatMap(idsOf)) });
  const redeclares = declared.some(({ name }) => owners.has(name));
  const kept = withoutDeclared(owners, declared);
  for (const { name, exported: _, ...kind } of declared) {
    const owner: Owner = { id, ...kind };
    const own = {
      ...(isValue(owner.kind) ? { value: owner } : {}),
      ...(isType(owner.kind) ? { type: owner } : {}),
    };
    owners.set(name, { ...kept.get(name), ...own });
  }
  if (!redeclares) return;
  const reachable = reachableDocuments({ owners, texts });
  for (const each of [...texts.keys()]) if (!reachable.has(each)) texts.delete(each);
}
