import { applyEdits, type Edit } from "../shared/edits.ts";
import { children, type Node } from "./bindings.ts";
import { nameOf } from "./module-links.ts";
import { parseTypeScript } from "./parser.ts";
import type { Project } from "./project.ts";

// TypeScript's option `emitDecoratorMetadata`, which esbuild does not have: decorators that record the types of what is
// decorated are added to the source.

/** The types that a module declares by name. */
type LocalTypes = ReadonlyMap<string, Node>;

const keywords: Record<string, string> = {
  TSStringKeyword: "String",
  TSNumberKeyword: "Number",
  TSBooleanKeyword: "Boolean",
  TSBigIntKeyword: "BigInt",
  TSSymbolKeyword: "Symbol",
  TSVoidKeyword: "undefined",
  TSUndefinedKeyword: "undefined",
  TSNullKeyword: "undefined",
  TSNeverKeyword: "undefined",
  TSArrayType: "Array",
  TSTupleType: "Array",
  TSFunctionType: "Function",
  TSConstructorType: "Function",
  TSTemplateLiteralType: "String",
};

const literals: Record<string, string> = {
  StringLiteral: "String",
  TemplateLiteral: "String",
  NumericLiteral: "Number",
  UnaryExpression: "Number",
  BooleanLiteral: "Boolean",
  BigIntLiteral: "BigInt",
};

const isNullish = ({ type }: Node) => /^TS(Undefined|Null|Never)Keyword$/.test(type);

function localTypes(program: Node): LocalTypes {
  const types = new Map<string, Node>();
  const visit = (node: Node) => {
    if (/^TS(Interface|TypeAlias|Enum)Declaration$/.test(node.type)) types.set(node.id.name, node);
    else if (node.type === "TSTypeParameter")
      types.set(typeof node.name === "string" ? node.name : nameOf(node.name), node);
    children(node).forEach(visit);
  };
  visit(program);
  return types;
}

/** Writes types as expressions, as TypeScript does. */
class TypeWriter {
  /** The names of other modules, or of classes, that occur in expressions. */
  readonly names = new Set<string>();
  private readonly types: LocalTypes;
  constructor(types: LocalTypes) {
    this.types = types;
  }

  /** The expression for the type in an annotation. */
  annotated(annotation: Node | null | undefined): string {
    return annotation ? this.write(annotation.typeAnnotation, 0) : "Object";
  }

  parameters(parameters: Node[]): string {
    const written = parameters.map((parameter) => {
      const inner = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
      const target = inner.type === "AssignmentPattern" ? inner.left : inner;
      return target.type === "RestElement" ? "Object" : this.annotated(target.typeAnnotation);
    });
    return `[${written.join(", ")}]`;
  }

  private write(type: Node, depth: number): string {
    const keyword = keywords[type.type];
    if (keyword) return keyword;
    switch (type.type) {
      case "TSLiteralType":
        return literals[type.literal.type] ?? "Object";
      case "TSParenthesizedType":
      case "TSOptionalType":
        return this.write(type.typeAnnotation, depth);
      case "TSTypeOperator":
        return type.operator === "readonly" ? this.write(type.typeAnnotation, depth) : "Object";
      case "TSTypePredicate":
        return type.asserts ? "undefined" : "Boolean";
      case "TSUnionType":
      case "TSIntersectionType":
        return this.common(type.types, depth);
      case "TSTypeReference":
        return this.reference(type.typeName, depth);
      default:
        return "Object";
    }
  }

  /** The expression that all types of a union have, apart from null and undefined. */
  private common(types: Node[], depth: number): string {
    const written = new Set(types.filter((type) => !isNullish(type)).map((type) => this.write(type, depth)));
    const [only = "undefined"] = written;
    return written.size > 1 ? "Object" : only;
  }

  private reference(name: Node, depth: number): string {
    let first = name;
    while (first.type === "TSQualifiedName") first = first.left;
    const local = name === first ? this.types.get(first.name) : undefined;
    if (local) return depth < 10 ? this.local(local, depth + 1) : "Object";
    this.names.add(first.name);
    const path = (node: Node): string =>
      node.type === "TSQualifiedName" ? `${path(node.left)}?.${node.right.name}` : node.name;
    return `(typeof ${first.name} === "undefined" ? Object : ${path(name)} ?? Object)`;
  }

  private local(declaration: Node, depth: number): string {
    if (declaration.type === "TSTypeAliasDeclaration") return this.write(declaration.typeAnnotation, depth);
    if (declaration.type !== "TSEnumDeclaration") return "Object";
    const members: Node[] = declaration.members ?? declaration.body?.members ?? [];
    const isText = ({ initializer }: Node) => /^(String|Template)Literal$/.test(initializer?.type ?? "");
    const texts = members.filter(isText).length;
    return texts === 0 ? "Number" : texts === members.length ? "String" : "Object";
  }
}

const hasDecorators = (node: Node): boolean => (node.decorators ?? []).length > 0;

const hasDecoratedParameters = (node: Node): boolean =>
  (node.params ?? []).some(
    (parameter: Node) => hasDecorators(parameter) || hasDecorators(parameter.parameter ?? parameter),
  );

/** The metadata of a class member: pairs of key and expression. */
function memberMetadata(member: Node, writer: TypeWriter): [string, string][] {
  const returned = () =>
    member.returnType ? writer.annotated(member.returnType) : member.async ? "Promise" : "undefined";
  if (member.kind === "get")
    return [
      ["type", writer.annotated(member.returnType)],
      ["paramtypes", "[]"],
    ];
  if (member.kind === "set") {
    const parameters = writer.parameters(member.params);
    return [
      ["type", parameters.slice(1, -1)],
      ["paramtypes", parameters],
    ];
  }
  if (/Method$/.test(member.type))
    return [
      ["type", "Function"],
      ["paramtypes", writer.parameters(member.params)],
      ["returntype", returned()],
    ];
  return [["type", writer.annotated(member.typeAnnotation)]];
}

/** The edit that adds metadata behind the decorators of a class or member. */
function metadataEdit(node: Node, metadata: [string, string][]): Edit {
  const offset = node.decorators?.at(-1)?.end ?? node.start;
  const text = metadata.map(
    ([key, type]) => ` @(Reflect.metadata?.("design:${key}", ${type}) ?? (() => {}))`,
  );
  return { start: offset, end: offset, text: `${text.join("")} ` };
}

function classEdits(node: Node, writer: TypeWriter): Edit[] {
  const members: Node[] = node.body.body;
  const isConstructor = ({ kind }: Node) => kind === "constructor";
  const initializer = members.find(isConstructor);
  const edits = members
    .filter((member) => !isConstructor(member) && (hasDecorators(member) || hasDecoratedParameters(member)))
    .map((member) => metadataEdit(member, memberMetadata(member, writer)));
  if (initializer && (hasDecorators(node) || hasDecoratedParameters(initializer)))
    edits.push(metadataEdit(node, [["paramtypes", writer.parameters(initializer.params)]]));
  return edits;
}

/**
 * Adds the metadata of decorated classes, if the project asks for it. Lines stay the same. `typeNames` are names that
 * the added code uses, and that may be types only.
 */
export function addDecoratorMetadata(
  source: string,
  file: string,
  { config }: Project,
): { text: string; typeNames: ReadonlySet<string> } {
  const unchanged = { text: source, typeNames: new Set<string>() };
  const { experimentalDecorators, emitDecoratorMetadata } = config.compilerOptions ?? {};
  if (!experimentalDecorators || !emitDecoratorMetadata || !source.includes("@")) return unchanged;
  if (!/\.[cm]?tsx?$/.test(file)) return unchanged;
  const { program } = parseTypeScript(source);
  if (!program) return unchanged;
  const writer = new TypeWriter(localTypes(program));
  const edits: Edit[] = [];
  const visit = (node: Node) => {
    if (/^Class(Declaration|Expression)$/.test(node.type)) edits.push(...classEdits(node, writer));
    children(node).forEach(visit);
  };
  visit(program);
  return { text: applyEdits(source, edits).text, typeNames: writer.names };
}
