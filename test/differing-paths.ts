/** Where two pieces of plain data differ: the paths of their differing leaves, in order. */
export function differingPaths(a: unknown, b: unknown, path: readonly string[] = []): string[] {
  if (Object.is(a, b)) return [];
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  if (!isObject(a) || !isObject(b)) return [path.join(".")];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key) =>
    differingPaths(a[key as keyof typeof a], b[key as keyof typeof b], [...path, key]),
  );
}
