import {
  blockNames,
  children,
  declaredNames,
  isFunction,
  type Node,
  patternNames,
  varNames,
} from "./bindings.ts";

/** What is told about the identifiers of a program. */
export interface Visitor {
  /** An identifier that no declaration of the program binds, with how it stands there. */
  free(node: Node, place: "plain" | "called" | "shorthand"): void;
  /** `await x`, `for await`, `import(x)`, `import.meta`; `inFunction` where a function encloses it. */
  special(node: Node, inFunction: boolean): void;
}

type Names = ReadonlySet<string>;

interface Scope {
  bound: Names[];
  inFunction: boolean;
}

const within = (scope: Scope, names: string[]): Scope =>
  names.length > 0 ? { ...scope, bound: [...scope.bound, new Set(names)] } : scope;

/** The scope that a node opens for what lies in it. */
function opened(node: Node, scope: Scope): Scope {
  if (isFunction(node)) {
    const body = node.body.type === "BlockStatement" ? blockNames(node.body.body) : [];
    const own = node.type === "FunctionExpression" && node.id ? [node.id.name] : [];
    const names = [...own, ...node.params.flatMap(patternNames).map(({ name }: Node) => name)];
    return {
      ...within(scope, [...names, ...body, ...varNames(node.body), "arguments"]),
      inFunction: true,
    };
  }
  switch (node.type) {
    case "BlockStatement":
      return within(scope, blockNames(node.body));
    case "StaticBlock":
      return {
        ...within(scope, [...blockNames(node.body), ...node.body.flatMap(varNames)]),
        inFunction: true,
      };
    case "ForStatement":
      return node.init?.type === "VariableDeclaration" ? within(scope, declaredNames(node.init)) : scope;
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? within(scope, declaredNames(node.left)) : scope;
    case "SwitchStatement":
      return within(scope, blockNames(node.cases.flatMap(({ consequent }: Node) => consequent)));
    case "CatchClause":
      return within(
        scope,
        patternNames(node.param).map(({ name }) => name),
      );
    case "ClassExpression":
      return node.id ? within(scope, [node.id.name]) : scope;
    default:
      return scope;
  }
}

/** The children of a node that can hold references: no keys, labels or names of declarations. */
function readable(node: Node): Node[] {
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

/**
 * Visits what a program's syntax tree refers to but does not declare, and what only a module may hold. `bound`
 * are the names that the program declares at its top.
 */
export function visitReferences(program: Node, bound: readonly string[], visitor: Visitor): void {
  const visit = (node: Node, outer: Scope, place: "plain" | "called" | "shorthand"): void => {
    if (node.type === "Identifier") {
      if (!outer.bound.some((names) => names.has(node.name))) visitor.free(node, place);
      return;
    }
    if (node.type === "ParenthesizedExpression") {
      visit(node.expression, outer, place);
      return;
    }
    const scope = opened(node, outer);
    if (
      node.type === "AwaitExpression" ||
      node.type === "ImportExpression" ||
      node.type === "MetaProperty" ||
      (node.type === "ForOfStatement" && node.await)
    )
      visitor.special(node, outer.inFunction);
    const called =
      node.type === "CallExpression" || node.type === "OptionalCallExpression" ? node.callee : node.tag;
    for (const child of readable(node)) {
      const short =
        (node.shorthand && child === node.value) ||
        (place === "shorthand" && node.type === "AssignmentPattern" && child === node.left);
      visit(child, scope, short ? "shorthand" : child === called ? "called" : "plain");
    }
  };
  visit(program, { bound: [new Set(bound)], inFunction: false }, "plain");
}
