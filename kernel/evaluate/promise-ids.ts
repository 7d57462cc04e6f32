import { inspect } from "node:util";
import { bare, defineProperty, getOwnPropertyDescriptor, ownKeys } from "./intrinsics.ts";

/** What Node's async hooks, which `AsyncLocalStorage` uses up to Node 22, add to promises. */
const isAddedByNode = (key: PropertyKey): boolean => {
  if (typeof key !== "symbol") return false;
  const { description } = key;
  return (
    description === "async_id_symbol" ||
    description === "trigger_async_id_symbol" ||
    description === "kResourceStore"
  );
};

/** Makes what Node has added to a promise not enumerable. Node can still read and write it. */
function hideAdded(promise: object): void {
  const keys = ownKeys(promise);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (isAddedByNode(key) && getOwnPropertyDescriptor(promise, key)?.enumerable)
      defineProperty(promise, key, bare<PropertyDescriptor>({ enumerable: false }));
  }
}

/** Makes `console.log` and `util.inspect` show promises as they do in a program without async hooks. */
export function hidePromiseIds(): void {
  const value = function (this: Promise<unknown>) {
    try {
      hideAdded(this);
    } catch {
      // A frozen promise, or a proxy whose traps throw, is shown as it is.
    }
    // With the object itself as the result, `inspect` continues as if there were no such method.
    return this;
  };
  defineProperty(
    Promise.prototype,
    inspect.custom,
    bare<PropertyDescriptor>({ value, writable: true, configurable: true }),
  );
}
