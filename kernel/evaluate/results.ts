import { bare, defineProperty, deleteProperty } from "./intrinsics.ts";

/** The number of cells whose results are kept. */
const keptResults = 100;

/**
 * Defines the globals `Out`, the last results by their execution counts, and `_`, the last one. A cell that assigns to
 * `_` has it for itself. Returns the function that keeps a result.
 */
export function keepResults(): (count: number, value: unknown) => void {
  const out: Record<number, unknown> = bare({});
  let last: unknown;
  const define = (name: string, descriptor: PropertyDescriptor) =>
    defineProperty(globalThis, name, bare({ configurable: true, ...descriptor }));
  define("Out", { value: out, writable: true });
  define("_", {
    get: () => last,
    set: (value) => void define("_", { value, writable: true }),
  });
  return (count, value) => {
    if (count === 0) return;
    last = value;
    out[count] = value;
    deleteProperty(out, count - keptResults);
  };
}
