import { declaredNames, type Node, varNames } from "./bindings.ts";

/** A name declared at the top level of a cell, as a value or a type. */
export interface DeclaredName {
  name: string;
  /** "const" and "let" (also for `var`) are variables; "other" are functions, classes, types and imports. */
  kind: "const" | "let" | "other";
  /** Whether the declaration has an `export` modifier. */
  exported: boolean;
}

/** The names that a cell declares, and the modules it imports. */
export interface Outline {
  declared: DeclaredName[];
  /** The specifiers of static imports, and of dynamic imports and `require` calls with a literal argument. */
  specifiers: string[];
}

function statementNames(node: Node): { names: string[]; kind: DeclaredName["kind"] } {
  switch (node.type) {
    case "VariableDeclaration":
      return { names: declaredNames(node), kind: /^(let|var)$/.test(node.kind) ? "let" : "const" };
    case "ImportDeclaration":
      return { names: node.specifiers.map(({ local }: Node) => local.name), kind: "other" };
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      return { names: node.id?.type === "Identifier" ? [node.id.name] : [], kind: "other" };
    default:
      return { names: varNames(node), kind: "let" };
  }
}

/** The outline of a cell, from its source and the statements of its syntax tree. */
export function outlineOf(source: string, statements: Node[]): Outline {
  const declared = new Map<string, DeclaredName>();
  for (const node of statements) {
    const inner = /^Export(Named|Default)Declaration$/.test(node.type) ? node.declaration : node;
    if (!inner) continue;
    const { names, kind } = statementNames(inner);
    for (const name of names)
      declared.set(name, { name, kind, exported: node.type === "ExportNamedDeclaration" });
  }
  const staticImports = statements.flatMap((node) => (node.source ? [node.source.value as string] : []));
  const dynamicImports = [
    ...source.matchAll(/\b(?:import|require)\s*\(\s*(?<quote>["'])(?<specifier>[^"']+)\k<quote>/g),
  ].flatMap(({ groups }) => groups?.specifier ?? []);
  return {
    declared: [...declared.values()],
    specifiers: [...new Set([...staticImports, ...dynamicImports])],
  };
}
