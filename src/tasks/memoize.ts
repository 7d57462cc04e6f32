/**
 * `make`, with its results cached by the JSON of their argument: the `capacity` newest ones. A call that throws is not
 * cached.
 */
export function memoize<A, R extends object>(make: (argument: A) => R, capacity = 4): (argument: A) => R {
  const results = new Map<string, R>();
  return (argument) => {
    const key = JSON.stringify(argument);
    const cached = results.get(key);
    if (cached !== undefined) return cached;
    const result = make(argument);
    results.set(key, result);
    for (const oldest of results.keys()) {
      if (results.size > capacity) results.delete(oldest);
      else break;
    }
    return result;
  };
}
