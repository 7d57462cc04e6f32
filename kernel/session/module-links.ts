import type { ModuleLinks, ModuleRequest } from "../shared/thread-messages.ts";
import { blockNames, type Node, varNames } from "./bindings.ts";

/** The text of an identifier or a string literal. */
export const nameOf = (node: Node): string => node.name ?? node.value;

/** The name that a specifier of an import takes from the module; "*" is all of it. */
export function importedName(specifier: Node): string {
  if (/Namespace/.test(specifier.type)) return "*";
  if (/Default/.test(specifier.type)) return "default";
  return nameOf(specifier.imported ?? specifier.local);
}

/** The range of a specifier with the comma behind it. */
function rangeOf({ start, end }: Node, code: string): [number, number] {
  const comma = /^\s*,/.exec(code.slice(end));
  return [start, end + (comma?.[0].length ?? 0)];
}

/**
 * What a module, as emitted from TypeScript, imports and exports. `typeNames` are local names that the code uses, but
 * that may be types only.
 */
export function moduleLinks(program: Node, code: string, typeNames: ReadonlySet<string>): ModuleLinks {
  const links: ModuleLinks = { requests: [], exports: [], reexports: {}, stars: [] };
  const imports = new Map<string, { request: ModuleRequest; index: number }>();

  const addRequest = (node: Node, mayBeTypes: (specifier: Node) => boolean) => {
    const request: ModuleRequest = {
      specifier: node.source.value,
      range: [node.start, node.end],
      names: (node.specifiers ?? []).map((specifier: Node) => ({
        name: importedName(specifier),
        ranges: [rangeOf(specifier, code)],
        mayBeType: mayBeTypes(specifier),
      })),
    };
    links.requests.push(request);
    return request;
  };
  const addExport = ({ local, exported, ...specifier }: Node) => {
    const imported = imports.get(nameOf(local));
    if (!imported) return void links.exports.push(nameOf(exported));
    const name = imported.request.names[imported.index]!;
    name.mayBeType = true;
    name.ranges.push(rangeOf(specifier as Node, code));
    links.reexports[nameOf(exported)] = { specifier: imported.request.specifier, name: name.name };
  };

  for (const node of program.body as Node[]) {
    if (node.type !== "ImportDeclaration") continue;
    const request = addRequest(node, ({ local }) => typeNames.has(local.name));
    for (const [index, { local }] of node.specifiers.entries()) imports.set(local.name, { request, index });
  }
  /** `export default User` is emitted as a variable with the value `User`. */
  const addDefaultVariable = ({ declarations: [declarator] }: Node) => {
    const { id, init } = declarator;
    const imported = init?.type === "Identifier" ? imports.get(init.name) : undefined;
    if (!imported || !id.name?.endsWith("_default")) return;
    const name = imported.request.names[imported.index]!;
    name.mayBeType = true;
    name.ranges.push([id.end, init.end]);
  };

  for (const node of program.body as Node[]) {
    if (node.type === "VariableDeclaration") addDefaultVariable(node);
    else if (node.type === "ExportAllDeclaration") {
      addRequest(node, () => false);
      links.stars.push(node.source.value);
    } else if (node.type === "ExportDefaultDeclaration") links.exports.push("default");
    else if (node.type === "ExportNamedDeclaration" && node.source) {
      addRequest(node, () => true);
      for (const specifier of node.specifiers)
        links.reexports[nameOf(specifier.exported)] = {
          specifier: node.source.value,
          name: importedName(specifier),
        };
    } else if (node.type === "ExportNamedDeclaration" && node.declaration)
      links.exports.push(...blockNames([node]), ...varNames(node.declaration));
    else if (node.type === "ExportNamedDeclaration") node.specifiers.forEach(addExport);
  }
  return links;
}
