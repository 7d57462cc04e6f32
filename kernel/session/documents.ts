import path from "node:path";
import type { Declared } from "./outline.ts";
import type { Reading } from "./parse-cell.ts";
import { cellName, hubImport, hubName, hubStart, type Shelf } from "./placeholder-files.ts";

/** A document's name: `c3` is the third file of the shelf, `d3` the third of those beside the notebook. */
export type Id = `${"c" | "d"}${number}`;

/** Which document declared a name last, and how. */
export interface Owner {
  id: Id;
  kind: Declared["kind"];
}

/** What the type checker is given of the cells that have run: the texts of documents, and what each uses. */
export interface Documents {
  owners: Map<string, Owner>;
  texts: Map<Id, { text: string; needs: Set<Id> }>;
}

export const noDocuments = (): Documents => ({ owners: new Map(), texts: new Map() });

/** Documents that can be added to while these stay as they are. */
export const copyOf = ({ owners, texts }: Documents): Documents => ({
  owners: new Map(owners),
  texts: new Map(texts),
});

/** Where documents lie, for a notebook's folder. */
export interface Places {
  hub: string;
  /** The document of a text that is being written. */
  scratch: string;
  file(id: Id): string;
  /** What a document imports the hub by. */
  hubFrom(id: Id | "scratch"): string;
}

export function placesOf(folder: string, shelf: Shelf): Places {
  const hub = path.join(shelf.folder, hubName);
  return {
    hub,
    scratch: path.join(folder, "__cell__.ts"),
    file: (id) => path.join(id.startsWith("c") ? shelf.folder : folder, cellName(Number(id.slice(1)))),
    hubFrom: (id) => (id.startsWith("c") ? `./${hubName}` : hub),
  };
}

/** The text of the hub: it exports documents by their names. */
export const hubText = (ids: Iterable<Id>, { file }: Places): string =>
  [hubStart, ...[...ids].map((id) => `export * as ${id} from ${JSON.stringify(file(id))};`)].join("\n");

/** Those of the names of earlier cells that a cell uses and does not declare itself. */
export function usedBy(owners: ReadonlyMap<string, Owner>, { words, outline }: Reading): Map<string, Owner> {
  const used = new Map<string, Owner>();
  for (const word of words ?? owners.keys()) {
    const owner = word === "global" ? undefined : owners.get(word);
    if (owner) used.set(word, owner);
  }
  for (const { name } of outline.declared) used.delete(name);
  return used;
}

/**
 * The line before a cell that brings in names of earlier cells, all through one import. Variables are declared anew:
 * an alias can neither be assigned to nor keep its narrowed type inside functions.
 */
export function prologue(names: ReadonlyMap<string, Owner>, hub: string): string {
  const lines = [...names].map(([name, { id, kind }]) =>
    kind === "other"
      ? `import ${name} = __cells.${id}.${name};`
      : `declare ${kind} ${name}: typeof __cells.${id}.${name};`,
  );
  // After an import nothing but imports would be completed in the next line.
  return [hubImport(hub), ...lines, ";"].join(" ");
}

/** The text of a cell's document: the cell from its second line on, with all that it declares exported. */
export function cellText(
  { source, outline }: Reading,
  names: ReadonlyMap<string, Owner>,
  hub: string,
): string {
  const exported = outline.declared.filter((each) => !each.exported).map(({ name }) => name);
  return `${prologue(names, hub)}\n${source}\n;export { ${exported.join(", ")} };`;
}

/** The documents through which a name that there is can still be reached. */
function reachable({ owners, texts }: Documents): Set<Id> {
  const found = new Set([...owners.values()].map(({ id }) => id));
  for (const id of found) for (const need of texts.get(id)?.needs ?? []) found.add(need);
  return found;
}

/**
 * Adds the document of a cell that declares something and uses `used` of others, and takes away those that nothing
 * leads to any more.
 */
export function addDocument(
  { owners, texts }: Documents,
  id: Id,
  text: string,
  { outline: { declared } }: Reading,
  used: ReadonlyMap<string, Owner>,
): void {
  texts.set(id, { text, needs: new Set([...used.values()].map((owner) => owner.id)) });
  const isNew = declared.every(({ name }) => !owners.has(name));
  for (const { name, kind } of declared) owners.set(name, { id, kind });
  if (isNew) return;
  const kept = reachable({ owners, texts });
  for (const each of [...texts.keys()]) if (!kept.has(each)) texts.delete(each);
}
