/** The exports of a module as TypeScript sees them with `esModuleInterop`. */
export type Exports = Record<string, unknown>;

const namespaces = new WeakMap<object, Exports>();

/**
 * The namespace of a CommonJS module with these `module.exports`. Exports compiled from an ES module (`__esModule`) are
 * used as they are; otherwise the namespace has their properties, and the exports themselves as `default`.
 */
export function namespaceOf(moduleExports: unknown): Exports {
  if (moduleExports === null || (typeof moduleExports !== "object" && typeof moduleExports !== "function"))
    return { default: moduleExports };
  const object = moduleExports as Exports;
  if (object.__esModule) return object;
  const cached = namespaces.get(object);
  if (cached) return cached;
  const names = new Set<string>();
  for (const name in object) names.add(name);
  if (typeof moduleExports === "function") for (const name of Object.keys(object)) names.add(name);
  const namespace: Exports = Object.create(null);
  for (const name of names)
    if (name !== "default")
      Object.defineProperty(namespace, name, { enumerable: true, get: () => object[name] });
  namespace.default = moduleExports;
  namespaces.set(object, namespace);
  return namespace;
}

/** The value that an import binds: an export, or the whole namespace for the name "*". */
export const importedValue = (namespace: Exports, name: string): unknown =>
  name === "*" ? namespace : namespace[name];
