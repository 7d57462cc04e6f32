/**
 * What the kernel needs in order to reply, as it was before the first cell. Cells share the realm with the kernel: they
 * can replace any built-in function, also by accident. The code between a request and its reply therefore calls no
 * method that it looks up in a prototype, does not iterate by `for … of`, spread or array destructuring, and resolves
 * no promise with an object that inherits from `Object.prototype`, where a cell may have defined `then`.
 */

export const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys, setPrototypeOf } =
  Reflect;
export const { parse, stringify } = JSON;
export const { hasOwn } = Object;

/** An object without a prototype: property descriptors and options with inherited properties would be misread. */
export const bare = <T extends object>(object: T): T => {
  setPrototypeOf(object, null);
  return object;
};

/** Gives an object methods of its prototype as its own, which later changes of the prototype do not affect. */
export function pin<T extends object>(
  object: T,
  prototype: object = Object.getPrototypeOf(object),
  names: readonly PropertyKey[] = ownKeys(prototype),
): T {
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const descriptor = getOwnPropertyDescriptor(prototype, name);
    if (descriptor && name !== "constructor") defineProperty(object, name, bare(descriptor));
  }
  return object;
}

const { then } = Promise.prototype;
const undefinedConstructor = bare<PropertyDescriptor>({ value: undefined, configurable: true });

/** A resolved promise. */
export const resolved = Promise.resolve();

/** The promise `promise.then(onValue, onError)`. */
export function chain<T, R = void>(
  promise: Promise<T>,
  onValue: (value: T) => R,
  onError?: (error: unknown) => R,
): Promise<R> {
  // `then` looks up the constructor of the promise, by default in `Promise.prototype`.
  const isOwn = hasOwn(promise, "constructor");
  if (!isOwn) defineProperty(promise, "constructor", undefinedConstructor);
  const chained = apply(then, promise, [onValue, onError]) as Promise<R>;
  if (!isOwn) deleteProperty(promise, "constructor");
  return chained;
}
