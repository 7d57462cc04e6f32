/** Whether a value is an object other than null. */
export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A property of an object, its own or inherited; undefined if it has none, or if reading it throws. */
export function property(value: object, name: PropertyKey): unknown {
  try {
    // A proxy may invent properties, but says by `in` which ones it has.
    return name in value ? (value as Record<PropertyKey, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

/** A method of an object, bound to it; undefined if it has none. */
export function method(value: object, name: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  const found = property(value, name);
  return typeof found === "function" ? found.bind(value) : undefined;
}
