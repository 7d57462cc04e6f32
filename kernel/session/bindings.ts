/** A node of Babel's syntax tree. Only the properties common to all types are declared. */
export interface Node {
  type: string;
  start: number;
  end: number;
  // biome-ignore lint/suspicious/noExplicitAny: the other properties depend on the type
  [property: string]: any;
}

const skipped = new Set(["type", "start", "end", "loc", "extra", "leadingComments", "innerComments"]);

/** The direct child nodes of a node, in source order. */
export function children(node: Node): Node[] {
  const nodes: Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (skipped.has(key) || value === null || typeof value !== "object") continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (child && typeof child.type === "string") nodes.push(child);
  }
  return nodes;
}

/** The identifiers bound by a pattern, i.e. a parameter or the left-hand side of a declaration. */
export function patternNames(pattern: Node | null): Node[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern];
    case "ObjectPattern":
      return pattern.properties.flatMap((property: Node) =>
        patternNames(property.type === "RestElement" ? property.argument : property.value),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap(patternNames);
    case "AssignmentPattern":
      return patternNames(pattern.left);
    case "RestElement":
      return patternNames(pattern.argument);
    case "TSParameterProperty":
      return patternNames(pattern.parameter);
    default:
      return [];
  }
}

/** Whether a node is a function or method of any kind. */
export const isFunction = (node: Node): boolean =>
  /^(Function|ArrowFunction|ObjectMethod|ClassMethod|ClassPrivateMethod)/.test(node.type);

/** The names a statement declares in its block: `let`, `const`, classes and functions. */
function lexicalNames(statement: Node): string[] {
  if (statement.type === "VariableDeclaration")
    return statement.kind === "var" ? [] : declaredNames(statement);
  if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration")
    return statement.id ? [statement.id.name] : [];
  if (/^Export(Named|Default)Declaration$/.test(statement.type) && statement.declaration)
    return lexicalNames(statement.declaration);
  return [];
}

/** The names bound by a variable declaration. */
export function declaredNames(declaration: Node): string[] {
  return declaration.declarations.flatMap((declarator: Node) =>
    patternNames(declarator.id).map(({ name }) => name),
  );
}

/** The names declared with `var` in a subtree, not counting nested functions. */
export function varNames(node: Node): string[] {
  if (isFunction(node) || node.type === "StaticBlock") return [];
  const declared = node.type === "VariableDeclaration" && node.kind === "var" ? declaredNames(node) : [];
  return [...declared, ...children(node).flatMap(varNames)];
}

/** The block-scoped names declared by a list of statements. */
export const blockNames = (statements: Node[]): string[] => statements.flatMap(lexicalNames);
