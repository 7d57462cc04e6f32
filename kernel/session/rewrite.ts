import { applyEdits, type Edit, generatedOffset, type Segment } from "../shared/edits.ts";
import type { CompiledCell, ModuleLinks, Script } from "../shared/thread-messages.ts";
import { blockNames, children, type Node, varNames } from "./bindings.ts";
import { importedName, moduleLinks, nameOf } from "./module-links.ts";
import { parseModule } from "./parser.ts";
import { type ReferencePosition, visitReferences } from "./references.ts";

/** A cell rewritten to a function expression that runs it in the session. */
export interface RewrittenCell extends Pick<CompiledCell, "code" | "imports" | "segments"> {
  /** The names that the cell declares or imports, i.e. the session variables it defines. */
  names: string[];
}

/** Replaces a reference to `name` by the expression `member`. A call must not pass `member`'s object as `this`. */
export const referenceText = (name: string, member: string, position: ReferencePosition): string =>
  ({ plain: member, typeof: member, callee: `(0, ${member})`, shorthand: `${name}: ${member}` })[position];

/** The local constant that holds a session variable in a rewritten cell. */
const sessionVariable = (name: string) => `__of_${name}`;

/** The library whose import esbuild adds to code with JSX. Its names must not become names of the session. */
const isJsxLibrary = (specifier: string) => /\/jsx(-dev)?-runtime$/.test(specifier);

function importOf(node: Node): CompiledCell["imports"][number] {
  const prefix = isJsxLibrary(node.source.value) ? "__cell_" : "";
  const names = (node.specifiers ?? []).map((specifier: Node): [string, string] => [
    importedName(specifier),
    prefix + specifier.local.name,
  ]);
  const pairs = (node.attributes ?? []).map(({ key, value }: Node) => [nameOf(key), value.value]);
  const attributes = pairs.length > 0 ? { attributes: Object.fromEntries(pairs) } : {};
  return { specifier: node.source.value, names, ...attributes };
}

/** Edits that remove imports and `export` keywords, with the imports. */
function moduleEdits(statements: Node[]): { edits: Edit[]; imports: CompiledCell["imports"] } {
  const edits: Edit[] = [];
  const imports: CompiledCell["imports"] = [];
  for (const node of statements) {
    const removeUpTo = (end: number) => edits.push({ start: node.start, end, text: "" });
    if (node.type === "ImportDeclaration") {
      imports.push(importOf(node));
      removeUpTo(node.end);
    } else if (/^Export(All|Named)/.test(node.type) && node.source) {
      imports.push({ specifier: node.source.value, names: [] });
      removeUpTo(node.end);
    } else if (/^Export(Named|Default)Declaration$/.test(node.type))
      removeUpTo(node.declaration ? node.declaration.start : node.end);
  }
  return { edits, imports };
}

/** Node types that end with a semicolon, which may have been inserted automatically. */
const endsWithSemicolon =
  /^(Expression|Return|Throw|Break|Continue|Debugger|DoWhile)Statement$|^Directive$|^(Variable|Import|Export\w*)Declaration$/;

/**
 * The offsets of automatically inserted semicolons. They must be made explicit: a replaced name may begin with a
 * parenthesis, which would continue the statement of the line before.
 */
function omittedSemicolons(node: Node, code: string, isForHead = false): number[] {
  const last = code[node.end - 1];
  const isOmitted =
    !isForHead && endsWithSemicolon.test(node.type) && last !== ";" && !(node.declaration && last === "}");
  const forHeads = /^For/.test(node.type) ? [node.init, node.left] : [];
  return [
    ...children(node).flatMap((child) => omittedSemicolons(child, code, forHeads.includes(child))),
    ...(isOmitted ? [node.end] : []),
  ];
}

const isAnonymousDeclaration = (node: Node) => /^(Function|Class)Declaration$/.test(node.type) && !node.id;

/** The expression whose value is the cell's result: its last statement, if that is an expression. */
function resultExpression(program: Node): Node | undefined {
  // esbuild moves named exports to the end.
  const isExportList = ({ type, declaration }: Node) => type === "ExportNamedDeclaration" && !declaration;
  const last = program.body.findLast((node: Node) => !isExportList(node)) ?? program.directives.at(-1)?.value;
  if (last?.type === "ExpressionStatement") return last.expression;
  if (last?.type === "ExportDefaultDeclaration") {
    const isNamed = /Declaration$/.test(last.declaration.type) && !isAnonymousDeclaration(last.declaration);
    return isNamed ? undefined : last.declaration;
  }
  return last?.type === "DirectiveLiteral" ? last : undefined;
}

/** The variables of the function around a rewritten cell. */
const cellParameters = new Set(["__cell", "require", "__filename", "__dirname"]);

/** Whether a later cell may declare a name. Names of globals, also of those that cells cannot declare, stay what they are. */
const mayBeDeclaredLater = (name: string): boolean => !cellParameters.has(name) && !(name in globalThis);

/** Edits that insert text before and after a node. */
const wrap = ({ start, end }: Node, before: string, after: string): Edit[] => [
  { start, end: start, text: before },
  { start: end, end, text: after },
];

/** Edits that make an `await` or `for await` throw if the cell has been interrupted meanwhile. */
function interruptChecks(node: Node, runtime: string): Edit[] {
  if (node.type === "AwaitExpression") return wrap(node, `${runtime}.settled(${runtime}.epoch, `, ")");
  return node.type === "ForOfStatement" ? wrap(node.right, `${runtime}.each(`, ")") : [];
}

/** Declarations of `require`, `__filename` and `__dirname` for an ES module that uses but does not declare them. */
function commonJsDeclarations(code: string): string {
  const names = ["require", "__filename", "__dirname"].filter(
    (name) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`\\b(const|let|var|function)\\s+${name}\\b`).test(code),
  );
  return names.map((name) => `const ${name} = import.meta.commonjs.${name};`).join(" ");
}

/** Links with offsets in the rewritten code instead of the emitted one. */
function movedLinks(links: ModuleLinks, segments: Segment[]): ModuleLinks {
  const move = ([start, end]: [number, number]): [number, number] => {
    const moved = generatedOffset(segments, start) ?? start;
    return [moved, moved + end - start];
  };
  const requests = links.requests.map(({ specifier, range, names }) => ({
    specifier,
    range: move(range),
    names: names.map((name) => ({ ...name, ranges: name.ranges.map(move) })),
  }));
  return { ...links, requests };
}

/**
 * Rewrites a local module's JavaScript: adds interrupt checks to awaits, and CommonJS variables if they are used.
 * `typeNames` are the names it uses only as types, if it may import types as if they were values.
 */
export function rewriteModule(
  code: string,
  typeNames?: ReadonlySet<string>,
): Required<Pick<Script, "code" | "segments" | "links">> {
  const edits: Edit[] = [{ start: 0, end: 0, text: commonJsDeclarations(code) }];
  const program = parseModule(code);
  if (/\bawait\b/.test(code))
    visitReferences(program, [], {
      freeIdentifier: () => {},
      moduleSyntax: (node) => edits.push(...interruptChecks(node, "import.meta.cell")),
    });
  const { text, segments } = applyEdits(code, edits);
  const links = movedLinks(moduleLinks(program, code, typeNames ?? new Set()), segments);
  if (!typeNames) for (const { names } of links.requests) for (const name of names) name.mayBeType = false;
  return { code: text, segments, links };
}

/**
 * Rewrites a cell's JavaScript (an ES module with the syntax tree `program`) to an expression. Its value is a function
 * that takes the cell runtime and returns the function that runs the cell:
 *
 * - Declarations stay local to the cell. `__cell.define` gives later cells access to them.
 * - References to session variables (`sessionNames`) become `__of_name.value`, as do names in functions that a later
 *   cell may declare.
 * - The value of a final expression is returned as `{ value }`, without a prototype: a promise that is resolved with
 *   it must not find a method `then`.
 * - Each `await` checks afterwards for an interrupt.
 */
export function rewriteCell(
  code: string,
  sessionNames: ReadonlySet<string>,
  program: Node = parseModule(code),
): RewrittenCell {
  const { edits, imports } = moduleEdits(program.body);
  const imported = imports.flatMap(({ names }) => names.map(([, local]) => local));
  const sessionNameOf = (name: string) => (imported.includes(`__cell_${name}`) ? `__cell_${name}` : name);
  const declared = [...new Set([...blockNames(program.body), ...varNames(program)])];
  const replaceable = new Set([...sessionNames, ...imported]);
  for (const name of declared) replaceable.delete(name);
  const used = new Set<string>();
  let isAsync = false;

  const insert = (offset: number, text: string) => edits.push({ start: offset, end: offset, text });
  const result = resultExpression(program);
  if (result) insert(result.start, "return { __proto__: null, value: (");
  visitReferences(program, declared, {
    freeIdentifier(node, position, inFunction) {
      const name = sessionNameOf(node.name);
      const isKnown = replaceable.has(name);
      if (!isKnown && !(inFunction && mayBeDeclaredLater(name))) return;
      used.add(name);
      const property = position === "typeof" && !isKnown ? "valueIfDefined" : "value";
      const text = referenceText(node.name, `${sessionVariable(name)}.${property}`, position);
      edits.push({ start: node.start, end: node.end, text });
    },
    moduleSyntax(node, inFunction) {
      if (node.type === "ImportExpression")
        edits.push({ start: node.start, end: node.start + "import".length, text: "__cell.import" });
      else if (node.type === "MetaProperty" && node.meta.name === "import")
        edits.push({ start: node.start, end: node.end, text: "__cell.meta" });
      else edits.push(...interruptChecks(node, "__cell"));
      const isAwait = node.type === "AwaitExpression" || node.type === "ForOfStatement";
      if (isAwait && !inFunction) isAsync = true;
    },
  });
  if (result) insert(result.end, ") }");
  for (const offset of omittedSemicolons(program, code)) insert(offset, ";");

  const accessors = declared.map((name) => `${name}: [() => ${name}, (__value) => { ${name} = __value; }]`);
  const define = declared.length > 0 ? `__cell.define({ ${accessors.join(", ")} });` : "";
  const variables = [...used]
    .map((name) => `const ${sessionVariable(name)} = __cell.variable("${name}"); `)
    .join("");
  const head = `(function (__cell, require, __filename, __dirname) { "use strict"; ${variables}return ${isAsync ? "async " : ""}() => { ${define}`;
  const { text, segments } = applyEdits(code, edits);
  // Empty segments mark the beginning and the end of the cell's own code, even if it was replaced there.
  const begin: Segment = [0, 0, 0];
  const end: Segment = [text.length, code.length, 0];
  return {
    code: `${head}${text}\n}; })`,
    segments: [begin, ...segments, end].map(([generated, original, length]) => [
      generated + head.length,
      original,
      length,
    ]),
    imports,
    names: [...new Set([...declared, ...imported])].filter((name) => !name.startsWith("__cell_")),
  };
}
