import type { ExecutionProgress } from "./execute.ts";

/** Where progress is shown: standard output, or something like it. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows how far stages have come as one line of a terminal that is written over: share done, time left, what is being
 * computed. Silent where nobody is looking at a terminal.
 */
export function progressOn(
  terminal: Terminal,
  now: () => number = () => performance.now(),
): { update(state: ExecutionProgress): void; end(): void } {
  const started = now();
  let first: number | undefined;
  return {
    update(state) {
      if (!terminal.isTTY) return;
      first ??= state.done;
      const line = progressLine(state, first, (now() - started) / 1000);
      terminal.write(`\r\x1b[K${line.slice(0, (terminal.columns ?? 80) - 1)}`);
    },
    end() {
      if (terminal.isTTY && first !== undefined) terminal.write("\r\x1b[K");
    },
  };
}

/** Progress in words: "42 %, 12 min left, preference (seed 43), reward (seed 44)"; `seconds` since `first` was done. */
export function progressLine(
  { done, total, running }: ExecutionProgress,
  first: number,
  seconds: number,
): string {
  const share = total === 0 ? 1 : done / total;
  const left = done > first ? (seconds * (total - done)) / (done - first) : undefined;
  return [
    `${Math.floor(100 * share)} %`,
    ...(left === undefined ? [] : [`${duration(left)} left`]),
    ...running,
  ].join(", ");
}

/** Seconds in words: "40 s", "12 min", "1 h 05 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
