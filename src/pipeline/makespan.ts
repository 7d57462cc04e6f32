/* Simulates how long work takes on a number of workers. */

/** A piece of work. */
export interface Job {
  readonly seconds: number;
  /** The places, in the list of jobs, of those that must end first. */
  readonly after: readonly number[];
}

/**
 * The seconds until all jobs have ended, if each of some workers takes, whenever it is free, the first job of the list
 * whose predecessors have ended. Throws if jobs wait for each other.
 */
export function makespan(jobs: readonly Job[], workers: number): number {
  const waitsFor = jobs.map(({ after }) => after.length);
  const followers = jobs.map((): number[] => []);
  for (const [at, { after }] of jobs.entries()) for (const one of after) followers[one]?.push(at);
  const ready = jobs.flatMap((_, at) => (waitsFor[at] === 0 ? [at] : []));
  /** What is being computed, in order of its end. */
  const running: { at: number; end: number }[] = [];
  let [now, done] = [0, 0];
  for (;;) {
    while (running.length < workers && ready.length > 0) {
      const at = ready.shift()!;
      const end = now + jobs[at]!.seconds;
      running.splice(
        place(running, (one) => one.end > end),
        0,
        { at, end },
      );
    }
    const ended = running.shift();
    if (ended === undefined) break;
    [now, done] = [ended.end, done + 1];
    for (const next of followers[ended.at]!) {
      waitsFor[next]!--;
      if (waitsFor[next] === 0)
        ready.splice(
          place(ready, (one) => one > next),
          0,
          next,
        );
    }
  }
  if (done < jobs.length)
    throw new Error(`${jobs.length - done} jobs wait for each other: remove the circle.`);
  return now;
}

/** The first place in a sorted list whose entry is beyond a bound, else its length. Found by halving. */
function place<T>(sorted: readonly T[], isBeyond: (entry: T) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBeyond(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
