import { declaredNames, type Node, varNames } from "./bindings.ts";
import { nameOf } from "./module-links.ts";

/** A name declared at the top level of a cell, as a value or a type. */
export interface DeclaredName {
  name: string;
  /**
   * "const" and "let" (also for `var`) are variables, which are values, as functions are; "type" are interfaces and
   * aliases; "other" are classes, enums, namespaces and imports, which may be both.
   */
  kind: "const" | "let" | "function" | "type" | "other";
  /** The type parameters of a "type": the text that declares them, and the one that passes them on. */
  parameters?: { declared: string; passed: string };
  /** Whether the declaration has an `export` modifier. */
  exported: boolean;
}

/** An interface declared at the top level of a cell. */
export interface DeclaredInterface extends Pick<DeclaredName, "name" | "parameters"> {
  /** The declaration, without `export`. */
  text: string;
  /** The names of its properties: methods and signatures may be repeated in another declaration of the interface. */
  properties: string[];
  isExported: boolean;
}

/** The names that a cell declares, and the modules it imports. */
export interface Outline {
  declared: DeclaredName[];
  /** The interfaces whose names are not also those of a class, enum, namespace or import of the cell. */
  interfaces: DeclaredInterface[];
  /** The specifiers of static imports, and of dynamic imports and `require` calls with a literal argument. */
  specifiers: string[];
}

type Statement = Pick<DeclaredName, "kind" | "parameters"> & { names: string[] };

/** The type parameters of an interface or alias: `<T extends string = "a">`, and `<T>`. */
function typeParameters(node: Node, source: string): DeclaredName["parameters"] {
  if (!node.typeParameters) return undefined;
  const { start, end, params } = node.typeParameters;
  const names = params.map(({ name }: Node) => (typeof name === "string" ? name : nameOf(name)));
  return { declared: source.slice(start, end), passed: `<${names.join(", ")}>` };
}

function declaredInterface(node: Node, source: string, isExported: boolean): DeclaredInterface {
  const parameters = typeParameters(node, source);
  const properties = node.body.body.filter(({ type }: Node) => type === "TSPropertySignature");
  return {
    name: node.id.name,
    ...(parameters ? { parameters } : {}),
    text: source.slice(node.start, node.end),
    properties: properties.map(({ key }: Node) => source.slice(key.start, key.end)),
    isExported,
  };
}

function statementNames(node: Node, source: string): Statement {
  const own = node.id?.type === "Identifier" ? [node.id.name] : [];
  switch (node.type) {
    case "VariableDeclaration":
      return { names: declaredNames(node), kind: /^(let|var)$/.test(node.kind) ? "let" : "const" };
    case "ImportDeclaration":
      return { names: node.specifiers.map(({ local }: Node) => local.name), kind: "other" };
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return { names: own, kind: "function" };
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration": {
      const parameters = typeParameters(node, source);
      return { names: own, kind: "type", ...(parameters ? { parameters } : {}) };
    }
    case "ClassDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      return { names: own, kind: "other" };
    default:
      return { names: varNames(node), kind: "let" };
  }
}

const isBoth = (kinds: ReadonlySet<string>) => kinds.has("other") || (kinds.has("type") && kinds.size > 1);

/**
 * Declarations of one name as the last of them, or as "other" if they are a value and a type: those of a cell stay
 * together.
 */
function merged(declarations: DeclaredName[]): DeclaredName {
  const last = declarations.at(-1)!;
  const exported = declarations.some((each) => each.exported);
  if (!isBoth(new Set(declarations.map(({ kind }) => kind)))) return { ...last, exported };
  return { name: last.name, kind: "other", exported };
}

/** The outline of a cell, from its source and the statements of its syntax tree. */
export function outlineOf(source: string, statements: Node[]): Outline {
  const declared = new Map<string, DeclaredName[]>();
  const interfaces: DeclaredInterface[] = [];
  for (const node of statements) {
    const inner = /^Export(Named|Default)Declaration$/.test(node.type) ? node.declaration : node;
    if (!inner) continue;
    const { names, ...rest } = statementNames(inner, source);
    const exported = node.type === "ExportNamedDeclaration";
    for (const name of names)
      declared.set(name, [...(declared.get(name) ?? []), { name, ...rest, exported }]);
    if (inner.type === "TSInterfaceDeclaration") interfaces.push(declaredInterface(inner, source, exported));
  }
  const staticImports = statements.flatMap((node) => (node.source ? [node.source.value as string] : []));
  const dynamicImports = [
    ...source.matchAll(/\b(?:import|require)\s*\(\s*(?<quote>["'])(?<specifier>[^"']+)\k<quote>/g),
  ].flatMap(({ groups }) => groups?.specifier ?? []);
  return {
    declared: [...declared.values()].map(merged),
    interfaces: interfaces.filter(({ name }) => declared.get(name)?.every(({ kind }) => kind !== "other")),
    specifiers: [...new Set([...staticImports, ...dynamicImports])],
  };
}
