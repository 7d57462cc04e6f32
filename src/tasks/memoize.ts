/** `make`, with its latest few results remembered by the JSON of their argument. Failures are not remembered. */
export function memoize<A, R>(make: (argument: A) => R, most = 4): (argument: A) => R {
  const results = new Map<string, R>();
  return (argument) => {
    const key = JSON.stringify(argument);
    if (results.has(key)) return results.get(key)!;
    const result = make(argument);
    results.set(key, result);
    if (results.size > most) results.delete(results.keys().next().value!);
    return result;
  };
}
