/** Creates a function that performs tasks one after the other: at once, if all earlier ones have ended. */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  /** The last task, as long as it has not ended. */
  let last: Promise<unknown> | undefined;
  return (task) => {
    const performed = last ? last.then(task) : task();
    const ended: Promise<unknown> = performed
      .catch(() => {})
      .then(() => {
        if (last === ended) last = undefined;
      });
    last = ended;
    return performed;
  };
}
