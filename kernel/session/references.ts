import {
  blockNames,
  children,
  declaredNames,
  isFunction,
  type Node,
  patternNames,
  varNames,
} from "./bindings.ts";

/** How an identifier is used: as a callee (`f()`), in a shorthand property (`{ a }`), after `typeof`, or otherwise. */
export type ReferencePosition = "plain" | "callee" | "shorthand" | "typeof";

/** Callbacks of `visitReferences`. */
export interface ReferenceVisitor {
  /** An identifier that is not bound by any declaration of the program. `inFunction`: whether it is inside a function. */
  freeIdentifier(node: Node, position: ReferencePosition, inFunction: boolean): void;
  /** `await x`, `for await`, `import(x)` or `import.meta`. `inFunction`: whether it is inside a function. */
  moduleSyntax(node: Node, inFunction: boolean): void;
}

type Names = ReadonlySet<string>;

interface Scope {
  bound: Names[];
  inFunction: boolean;
}

const extendScope = (scope: Scope, names: string[]): Scope =>
  names.length > 0 ? { ...scope, bound: [...scope.bound, new Set(names)] } : scope;

/** The scope of a node's children. */
function scopeInside(node: Node, scope: Scope): Scope {
  if (isFunction(node)) {
    const body = node.body.type === "BlockStatement" ? blockNames(node.body.body) : [];
    const ownName = node.type === "FunctionExpression" && node.id ? [node.id.name] : [];
    const names = [...ownName, ...node.params.flatMap(patternNames).map(({ name }: Node) => name)];
    return {
      ...extendScope(scope, [...names, ...body, ...varNames(node.body), "arguments"]),
      inFunction: true,
    };
  }
  switch (node.type) {
    case "BlockStatement":
      return extendScope(scope, blockNames(node.body));
    case "StaticBlock":
      return {
        ...extendScope(scope, [...blockNames(node.body), ...node.body.flatMap(varNames)]),
        inFunction: true,
      };
    case "ForStatement":
      return node.init?.type === "VariableDeclaration" ? extendScope(scope, declaredNames(node.init)) : scope;
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? extendScope(scope, declaredNames(node.left)) : scope;
    case "SwitchStatement":
      return extendScope(scope, blockNames(node.cases.flatMap(({ consequent }: Node) => consequent)));
    case "CatchClause":
      return extendScope(
        scope,
        patternNames(node.param).map(({ name }) => name),
      );
    case "ClassExpression":
      return node.id ? extendScope(scope, [node.id.name]) : scope;
    default:
      return scope;
  }
}

/** The children of a node that can contain references: no property keys, labels or declared names. */
function referencingChildren(node: Node): Node[] {
  switch (node.type) {
    case "MemberExpression":
    case "OptionalMemberExpression":
      return node.computed ? [node.object, node.property] : [node.object];
    case "ObjectProperty":
      return node.computed ? [node.key, node.value] : [node.value];
    case "ObjectMethod":
    case "ClassMethod":
      return [...(node.computed ? [node.key] : []), ...node.params, node.body];
    case "ClassPrivateMethod":
      return [...node.params, node.body];
    case "ClassProperty":
    case "ClassAccessorProperty":
      return [...(node.computed ? [node.key] : []), ...(node.value ? [node.value] : [])];
    case "ClassPrivateProperty":
      return node.value ? [node.value] : [];
    case "ClassDeclaration":
    case "ClassExpression":
      return [...(node.superClass ? [node.superClass] : []), node.body];
    case "FunctionDeclaration":
    case "FunctionExpression":
      return [...node.params, node.body];
    case "LabeledStatement":
      return [node.body];
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ImportDeclaration":
    case "ExportAllDeclaration":
      return [];
    case "ExportNamedDeclaration":
      return node.declaration ? [node.declaration] : [];
    default:
      return children(node);
  }
}

/** Visits the free identifiers and the module syntax of a program. `declared` are the names of its top level. */
export function visitReferences(program: Node, declared: readonly string[], visitor: ReferenceVisitor): void {
  const visit = (node: Node, outer: Scope, position: ReferencePosition): void => {
    if (node.type === "Identifier") {
      if (!outer.bound.some((names) => names.has(node.name)))
        visitor.freeIdentifier(node, position, outer.inFunction);
      return;
    }
    if (node.type === "ParenthesizedExpression") {
      visit(node.expression, outer, position);
      return;
    }
    const scope = scopeInside(node, outer);
    if (
      node.type === "AwaitExpression" ||
      node.type === "ImportExpression" ||
      node.type === "MetaProperty" ||
      (node.type === "ForOfStatement" && node.await)
    )
      visitor.moduleSyntax(node, outer.inFunction);
    const callee =
      node.type === "CallExpression" || node.type === "OptionalCallExpression" ? node.callee : node.tag;
    for (const child of referencingChildren(node)) {
      const isShorthand =
        (node.shorthand && child === node.value) ||
        (position === "shorthand" && node.type === "AssignmentPattern" && child === node.left);
      if (node.type === "UnaryExpression" && node.operator === "typeof") visit(child, scope, "typeof");
      else visit(child, scope, isShorthand ? "shorthand" : child === callee ? "callee" : "plain");
    }
  };
  visit(program, { bound: [new Set(declared)], inFunction: false }, "plain");
}
