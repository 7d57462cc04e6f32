import type { Compiled } from "../protocol/thread-messages.ts";
import { blockNames, children, type Node, varNames } from "./bindings.ts";
import { applyEdits, type Edit, type Piece } from "./edits.ts";
import { parseModule } from "./parser.ts";
import { type Visitor, visitReferences } from "./references.ts";

/** A cell's JavaScript as a function that the session can run. */
export interface Rewritten extends Pick<Compiled, "code" | "imports" | "pieces"> {
  /** What the cell declares or imports: later cells see these names. */
  names: string[];
}

type Standing = Parameters<Visitor["free"]>[1];

/** What replaces a name by `member` where the name stands. */
export const replaced = (name: string, member: string, place: Standing): string =>
  ({ plain: member, called: `(0, ${member})`, shorthand: `${name}: ${member}` })[place];

/** What a cell calls a variable of the session. */
const variable = (name: string) => `__of_${name}`;

const nameOf = (node: Node): string => node.name ?? node.value;

function importOf(node: Node): Compiled["imports"][number] {
  const names = (node.specifiers ?? []).map((each: Node): [string, string] => {
    if (each.type === "ImportNamespaceSpecifier") return ["*", each.local.name];
    return [each.type === "ImportDefaultSpecifier" ? "default" : nameOf(each.imported), each.local.name];
  });
  const pairs = (node.attributes ?? []).map((each: Node) => [nameOf(each.key), each.value.value]);
  const attributes = pairs.length > 0 ? { attributes: Object.fromEntries(pairs) } : {};
  return { specifier: node.source.value, names, ...attributes };
}

/** Takes imports and the words `export` away. */
function moduleEdits(body: Node[]): { edits: Edit[]; imports: Compiled["imports"] } {
  const edits: Edit[] = [];
  const imports: Compiled["imports"] = [];
  for (const node of body) {
    const drop = (end: number) => edits.push({ start: node.start, end, text: "" });
    if (node.type === "ImportDeclaration" || (/^Export(All|Named)/.test(node.type) && node.source)) {
      imports.push(
        node.type === "ImportDeclaration" ? importOf(node) : { specifier: node.source.value, names: [] },
      );
      drop(node.end);
    } else if (/^Export(Named|Default)Declaration$/.test(node.type))
      drop(node.declaration ? node.declaration.start : node.end);
  }
  return { edits, imports };
}

/** Statements that end with a semicolon, written or not. */
const ended =
  /^(Expression|Return|Throw|Break|Continue|Debugger|DoWhile)Statement$|^Directive$|^(Variable|Import|Export\w*)Declaration$/;

/**
 * Where semicolons belong that the source leaves to the engine: between lines that would go together once what stands
 * in for a name begins with a parenthesis.
 */
function unwrittenSemicolons(node: Node, code: string, isHead = false): number[] {
  const last = code[node.end - 1];
  const own = !isHead && ended.test(node.type) && last !== ";" && !(node.declaration && last === "}");
  const heads = /^For/.test(node.type) ? [node.init, node.left] : [];
  return [
    ...children(node).flatMap((child) => unwrittenSemicolons(child, code, heads.includes(child))),
    ...(own ? [node.end] : []),
  ];
}

const anonymous = (node: Node) => /^(Function|Class)Declaration$/.test(node.type) && !node.id;

/** The expression whose value the cell shows: its last statement, if that is one. */
function lastExpression(program: Node): Node | undefined {
  // What is exported by name comes last in what esbuild makes.
  const isExport = ({ type, declaration }: Node) => type === "ExportNamedDeclaration" && !declaration;
  const last = program.body.findLast((node: Node) => !isExport(node)) ?? program.directives.at(-1)?.value;
  if (last?.type === "ExpressionStatement") return last.expression;
  if (last?.type === "ExportDefaultDeclaration") {
    const named = /Declaration$/.test(last.declaration.type) && !anonymous(last.declaration);
    return named ? undefined : last.declaration;
  }
  return last?.type === "DirectiveLiteral" ? last : undefined;
}

/** Text before and after a node. */
const around = ({ start, end }: Node, before: string, after: string): Edit[] => [
  { start, end: start, text: before },
  { start: end, end, text: after },
];

/** Makes an `await`, or a loop of them, ask afterwards whether there was an interrupt meanwhile. */
function guard(node: Node, tools: string): Edit[] {
  if (node.type === "AwaitExpression") return around(node, `${tools}.settled(${tools}.epoch, `, ")");
  return node.type === "ForOfStatement" ? around(node.right, `${tools}.each(`, ")") : [];
}

/** What modules that were written for CommonJS expect, where a module uses it and does not declare it. */
function commonJsNames(code: string): string {
  const names = ["require", "__filename", "__dirname"].filter(
    (name) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`\\b(const|let|var|function)\\s+${name}\\b`).test(code),
  );
  return names.map((name) => `const ${name} = import.meta.commonjs.${name};`).join(" ");
}

/**
 * A local module's JavaScript, whose awaits an interrupt ends as it ends those of cells, with the names of CommonJS
 * that it uses.
 */
export function moduleScript(code: string): Pick<Compiled, "code" | "pieces"> {
  const edits: Edit[] = [{ start: 0, end: 0, text: commonJsNames(code) }];
  if (/\bawait\b/.test(code))
    visitReferences(parseModule(code), [], {
      free: () => {},
      special: (node) => edits.push(...guard(node, "import.meta.cell")),
    });
  const { text, pieces } = applyEdits(code, edits);
  return { code: text, pieces };
}

/**
 * Rewrites a cell's JavaScript (an ES module, whose syntax tree is `program`) to an expression: a function that, given
 * the session's tools, returns the function that runs the cell. What the cell declares stays local to it, with
 * accessors for later cells; what it takes from earlier cells (`known`) becomes the value of a variable of the session.
 * It returns `[value]` where its last statement is an expression. Each `await` asks afterwards whether there was an
 * interrupt meanwhile.
 */
export function rewriteCell(
  code: string,
  known: ReadonlySet<string>,
  program: Node = parseModule(code),
): Rewritten {
  const { edits, imports } = moduleEdits(program.body);
  const imported = imports.flatMap(({ names }) => names.map(([, local]) => local));
  const declared = [...new Set([...blockNames(program.body), ...varNames(program)])];
  const session = new Set([...known, ...imported]);
  for (const name of declared) session.delete(name);
  const used = new Set<string>();
  let async = false;

  const insert = (place: number, text: string) => edits.push({ start: place, end: place, text });
  const last = lastExpression(program);
  if (last) insert(last.start, "return [(");
  visitReferences(program, declared, {
    free(node, place) {
      if (!session.has(node.name)) return;
      used.add(node.name);
      const text = replaced(node.name, `${variable(node.name)}.value`, place);
      edits.push({ start: node.start, end: node.end, text });
    },
    special(node, inFunction) {
      if (node.type === "ImportExpression")
        edits.push({ start: node.start, end: node.start + "import".length, text: "__cell.import" });
      else if (node.type === "MetaProperty" && node.meta.name === "import")
        edits.push({ start: node.start, end: node.end, text: "__cell.meta" });
      else edits.push(...guard(node, "__cell"));
      const waits = node.type === "AwaitExpression" || node.type === "ForOfStatement";
      if (waits && !inFunction) async = true;
    },
  });
  if (last) insert(last.end, ")]");
  for (const place of unwrittenSemicolons(program, code)) insert(place, ";");

  const accessors = declared.map((name) => `${name}: [() => ${name}, (__value) => { ${name} = __value; }]`);
  const define = declared.length > 0 ? `__cell.define({ ${accessors.join(", ")} });` : "";
  const variables = [...used]
    .map((name) => `const ${variable(name)} = __cell.variable("${name}"); `)
    .join("");
  const head = `(function (__cell, require, __filename, __dirname) { "use strict"; ${variables}return ${async ? "async " : ""}() => { ${define}`;
  const { text, pieces } = applyEdits(code, edits);
  // Whatever was replaced, what the cell became has a beginning and an end.
  const [begin, end]: [Piece, Piece] = [
    [0, 0, 0],
    [text.length, code.length, 0],
  ];
  return {
    code: `${head}${text}\n}; })`,
    pieces: [begin, ...pieces, end].map(([made, kept, length]) => [made + head.length, kept, length]),
    imports,
    names: [...new Set([...declared, ...imported])],
  };
}
