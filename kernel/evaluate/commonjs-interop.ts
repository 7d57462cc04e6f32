/** The exports of a module as TypeScript sees them under esModuleInterop. */
export type Exports = Record<string, unknown>;

const made = new WeakMap<object, Exports>();

/**
 * What `import * as x` gives of a CommonJS module: its exports themselves where they were compiled from an ES
 * module, else all their properties by name, with the exports as `default`.
 */
export function exportsOf(exported: unknown): Exports {
  if (exported === null || (typeof exported !== "object" && typeof exported !== "function"))
    return { default: exported };
  const object = exported as Exports;
  if (object.__esModule) return object;
  const before = made.get(object);
  if (before) return before;
  const names = new Set<string>();
  for (const name in object) names.add(name);
  if (typeof exported === "function") for (const name of Object.keys(object)) names.add(name);
  const result: Exports = Object.create(null);
  for (const name of names)
    if (name !== "default")
      Object.defineProperty(result, name, { enumerable: true, get: () => object[name] });
  result.default = exported;
  made.set(object, result);
  return result;
}

/** One binding of a module's exports; "*" is all of them. */
export const binding = (exports: Exports, name: string): unknown => (name === "*" ? exports : exports[name]);
