import type { Declared, Outline } from "./names.ts";

/** Which document declared a name last, and how. */
export interface Owner {
  file: string;
  kind: Declared["kind"];
}

/** What the type checker is given of the cells that have run: each as a document that brings in what it uses of others. */
export interface Documents {
  owners: Map<string, Owner>;
  texts: Map<string, { text: string; needs: Set<string>; declaresGlobals: boolean }>;
}

export const noDocuments = (): Documents => ({ owners: new Map(), texts: new Map() });

/** Whether a text uses a name; also true where it only may. */
function mentions(source: string): (name: string) => boolean {
  const words = new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
  return source.includes("\\u") ? () => true : (name) => words.has(name);
}

/**
 * Those of the names of earlier cells that a cell uses and does not declare itself; and `global`, the name of a
 * `declare global`, which holds for all.
 */
export function usedBy(
  owners: ReadonlyMap<string, Owner>,
  source: string,
  { declared }: Outline,
): Map<string, Owner> {
  const own = new Set(declared.map(({ name }) => name));
  const isUsed = mentions(source);
  return new Map([...owners].filter(([name]) => !own.has(name) && (name === "global" || isUsed(name))));
}

/**
 * The line before a cell that brings in names of earlier cells. Variables are declared, not imported: an import can
 * neither be assigned to nor keep its narrowed type inside functions.
 */
export function prologue(names: ReadonlyMap<string, Owner>): string {
  const imports = new Map<string, string[]>();
  const variables: string[] = [];
  for (const [name, { file, kind }] of names) {
    if (kind !== "other") variables.push(`declare ${kind} ${name}: typeof import("./${file}").${name};`);
    else imports.set(file, [...(imports.get(file) ?? []), name]);
  }
  const lines = [...imports].map(([file, found]) => `import { ${found.join(", ")} } from "./${file}";`);
  return [...lines, ...variables].join(" ");
}

/** The document of a cell: the cell from its second line on, with all that it declares exported. */
export function cellDocument(
  source: string,
  { declared }: Outline,
  names: ReadonlyMap<string, Owner>,
): string {
  const exported = declared.filter((each) => !each.exported).map(({ name }) => name);
  return `${prologue(names)}\n${source}\n;export { ${exported.join(", ")} };`;
}

/** The documents through which a name that there is can still be reached. */
function reachable({ owners, texts }: Documents): Set<string> {
  const found = new Set([...owners.values()].map(({ file }) => file));
  for (const file of found) for (const need of texts.get(file)?.needs ?? []) found.add(need);
  return found;
}

/** Adds the document of a cell that declares something. Returns those that nothing leads to any more: they are gone. */
export function addDocument(documents: Documents, file: string, source: string, outline: Outline): string[] {
  const { owners, texts } = documents;
  const used = usedBy(owners, source, outline);
  const needs = new Set([...used.values()].map((owner) => owner.file));
  const text = cellDocument(source, outline, used);
  texts.set(file, { text, needs, declaresGlobals: /\bdeclare\s+global\b/.test(text) });
  for (const { name, kind } of outline.declared) owners.set(name, { file, kind });
  const kept = reachable(documents);
  const gone = [...texts.keys()].filter((each) => !kept.has(each));
  for (const each of gone) texts.delete(each);
  return gone;
}
