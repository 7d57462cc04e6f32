import { declaredNames, type Node, varNames } from "./bindings.ts";

/** What a cell declares at its top, types included. */
export interface Declared {
  name: string;
  /** Whether it is a variable, and if so whether later cells may assign to it (`let` and `var`). */
  kind: "const" | "let" | "other";
  /** Whether the cell exports it itself. */
  exported: boolean;
}

/** A cell as its author wrote it, as far as later cells and the file system are concerned. */
export interface Outline {
  declared: Declared[];
  /** The specifiers of its imports, static and dynamic where they are literal. */
  specifiers: string[];
}

const named = (id: Node | null | undefined): string[] => (id?.type === "Identifier" ? [id.name] : []);

function ofStatement(node: Node): { names: string[]; kind: Declared["kind"] } {
  const fixed = (names: string[]) => ({ names, kind: "other" as const });
  switch (node.type) {
    case "VariableDeclaration":
      return { names: declaredNames(node), kind: /^(let|var)$/.test(node.kind) ? "let" : "const" };
    case "ImportDeclaration":
      return fixed(node.specifiers.map(({ local }: Node) => local.name));
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      return fixed(named(node.id));
    default:
      return { names: varNames(node), kind: "let" };
  }
}

/** What a cell declares and imports, by the statements at its top. */
export function outlineOf(source: string, body: Node[]): Outline {
  const declared = new Map<string, Declared>();
  for (const node of body) {
    const inner = /^Export(Named|Default)Declaration$/.test(node.type) ? node.declaration : node;
    if (!inner) continue;
    const { names, kind } = ofStatement(inner);
    for (const name of names)
      declared.set(name, { name, kind, exported: node.type === "ExportNamedDeclaration" });
  }
  const dynamic = [...source.matchAll(/\b(?:import|require)\s*\(\s*(["'])([^"']+)\1/g)].map(
    (match) => match[2]!,
  );
  const fixed = body.flatMap((node) => (node.source ? [node.source.value as string] : []));
  return { declared: [...declared.values()], specifiers: [...new Set([...fixed, ...dynamic])] };
}
