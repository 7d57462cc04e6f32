import { offsetOf } from "../shared/edits.ts";
import type { Node } from "./bindings.ts";
import type { Diagnostic } from "./cell-diagnostics.ts";
import { treeOf } from "./doubts.ts";
import type { ParsedCell } from "./parse-cell.ts";

/** Fields that classes assign by `this.x = …` without declaring them, as in JavaScript. */
export interface UndeclaredFields {
  /** Interfaces that declare the fields of classes at the top level of the cell. */
  declarations: string;
  /** The errors about the fields. */
  diagnostics: Set<Diagnostic>;
}

const missingProperty =
  /^Property '(?<field>[\w$]+)' does not exist on type '(?<type>[\w$]+|\(Anonymous class\))(?:<.*>)?'/;

const escaped = (name: string) => name.replaceAll("$", "\\$");

/** The class that a statement declares, with `export` if it must be repeated by a declaration that is merged with it. */
function declaredClass(statement: Node): { name: string; node: Node; modifier: string } | undefined {
  const isExported = statement.type === "ExportNamedDeclaration";
  const node = isExported ? statement.declaration : statement;
  if (node?.type !== "ClassDeclaration" || !node.id) return undefined;
  return { name: node.id.name, node, modifier: isExported ? "export " : "" };
}

/** The fields that a cell's classes assign without declaring them; undefined if there are none. */
export function undeclaredFields(
  cell: ParsedCell,
  diagnostics: readonly Diagnostic[],
): UndeclaredFields | undefined {
  const { source } = cell;
  const fieldsOf = new Map<string, Set<string>>();
  const found = diagnostics.filter(({ code, message, range: { start } }) => {
    const { field, type } = missingProperty.exec(message)?.groups ?? {};
    if ((code !== 2339 && code !== 2551) || field === undefined || type === undefined) return false;
    const before = source.slice(0, offsetOf(source, start.line, start.character));
    const isAssigned = new RegExp(`\\bthis\\s*\\.\\s*${escaped(field)}\\s*=(?!=)`).test(source);
    if (!isAssigned || !/\bthis\s*\.\s*$/.test(before)) return false;
    fieldsOf.set(type, (fieldsOf.get(type) ?? new Set()).add(field));
    return true;
  });
  if (found.length === 0) return undefined;
  const declarations = (treeOf(cell)?.body ?? []).flatMap((statement: Node) => {
    const declared = declaredClass(statement);
    const fields = declared && fieldsOf.get(declared.name);
    if (!declared || !fields) return [];
    const { name, node, modifier } = declared;
    const parameters = node.typeParameters
      ? source.slice(node.typeParameters.start, node.typeParameters.end)
      : "";
    return `${modifier}interface ${name}${parameters} { ${[...fields].map((field) => `${field}: any`).join("; ")} }`;
  });
  return { declarations: declarations.join(" "), diagnostics: new Set(found) };
}
