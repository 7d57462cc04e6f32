/** The item at an index. @throws if there is none */
export function item<T>(items: readonly T[], index: number): T {
  const found = items[index];
  if (found === undefined) throw new Error(`There is no item ${index} among ${items.length}.`);
  return found;
}
