import type { ExecutionProgress } from "./execute.ts";

/** Where progress is shown: standard output, or something like it. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The time between two lines where there is no terminal, in milliseconds. */
const INTERVAL = 30_000;

/**
 * Shows how far stages have come: share and stages done, time left, what is being computed. In a terminal it is one line
 * that is written over; elsewhere, as in a log, a line as soon as a stage is computed and then every 30 seconds.
 */
export function progressOn(
  terminal: Terminal,
  now: () => number = () => performance.now(),
): { update(state: ExecutionProgress): void; end(): void } {
  const started = now();
  let first: number | undefined;
  let last: ExecutionProgress | undefined;
  let timer: NodeJS.Timeout | undefined;
  const line = () => (last === undefined ? "" : progressLine(last, first ?? 0, (now() - started) / 1000));
  const log = () => terminal.write(`${line()}\n`);
  return {
    update(state) {
      first ??= state.done;
      last = state;
      if (terminal.isTTY) terminal.write(`\r\x1b[K${line().slice(0, (terminal.columns ?? 80) - 1)}`);
      else if (timer === undefined && state.running.length > 0) {
        timer = setInterval(log, INTERVAL).unref();
        log();
      }
    },
    end() {
      clearInterval(timer);
      if (terminal.isTTY && first !== undefined) terminal.write("\r\x1b[K");
    },
  };
}

/**
 * Progress in words: "42 %, 12 of 87 stages, 12 min left: preference (seed 43), reward (seed 44)"; `seconds` since
 * `first` was done.
 */
export function progressLine(
  { done, total, stages, running }: ExecutionProgress,
  first: number,
  seconds: number,
): string {
  const share = total === 0 ? 1 : done / total;
  const left = done > first ? (seconds * (total - done)) / (done - first) : undefined;
  const facts = [
    `${Math.floor(100 * share)} %`,
    `${stages.done} of ${stages.total} stages`,
    ...(left === undefined ? [] : [`${duration(left)} left`]),
  ].join(", ");
  return running.length === 0 ? facts : `${facts}: ${running.join(", ")}`;
}

/** Seconds in words: "40 s", "12 min", "1 h 05 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
