import { escapeHtml } from "./escape.ts";
import { inJupyter, type MimeBundle } from "./jupyter.ts";
import { live } from "./live.ts";

/** How far something is; times in milliseconds. */
export interface ProgressState {
  title: string;
  done: number;
  total: number;
  elapsed: number;
  /** Time left, where it can be told. */
  left?: number;
  note?: string;
  finished?: boolean;
}

/** A progress bar in a notebook, a status line in a terminal, nothing elsewhere. */
export interface Progress {
  /** `done` of `total` (steps, epochs, prompts), with a short note such as "loss 1.23". */
  update(done: number, total: number, note?: string): void;
  /** Leaves one closing line in place of the bar. Resolves when it has been sent. */
  finish(note?: string): Promise<void>;
}

/** A duration in the two units that matter: "0.4 s", "12 s", "3 min 05 s", "2 h 07 min". */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** The share done in whole percent, from 0 to 100; 100 only when all is done. */
export function percent(done: number, total: number): number {
  if (!(total > 0) || !(done > 0)) return 0;
  return done >= total ? 100 : Math.min(99, Math.floor((100 * done) / total));
}

function details(state: ProgressState): string {
  const counted = state.total > 0 ? `${state.done} of ${state.total} ` : "";
  const parts = state.finished
    ? [`${counted}in ${duration(state.elapsed)}`]
    : [`${percent(state.done, state.total)} %`, counted.trim(), `${duration(state.elapsed)} elapsed`];
  if (!state.finished && state.left !== undefined) parts.push(`${duration(state.left)} left`);
  if (state.note) parts.push(state.note);
  return parts.join(" · ");
}

/** One line of text. */
export function progressLine(state: ProgressState): string {
  return `${state.title}: ${details(state)}`;
}

/** The bar with its numbers beside it or, once finished, the closing line alone. */
export function progressBundle(state: ProgressState): MimeBundle {
  const title = escapeHtml(state.title);
  const text = escapeHtml(details(state));
  const share = percent(state.done, state.total);
  const bar = `<label><strong>${title}</strong> <progress max="100" value="${share}">${share} %</progress></label>`;
  const head = state.finished ? `<strong>${title}</strong>` : bar;
  return {
    "text/html": `<div class="allroads-progress">${head} <span>${text}</span></div>`,
    "text/plain": progressLine(state),
  };
}

/** Redraws one line of stderr, at most ten times a second, cut to the terminal's width. */
function statusLine(): { update(line: string): void; finish(line: string): void } {
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (line: string, end: string) => {
    drawnAt = performance.now();
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}${end}`);
  };
  return {
    update: (line) => {
      if (performance.now() - drawnAt >= 100) draw(line, "");
    },
    finish: (line) => draw(line, "\n"),
  };
}

/**
 * Shows how far a long computation is. In Jupyter an HTML progress bar, four times a second, replaced by one
 * line at the end; in a terminal one line on stderr; silent otherwise. The time left is told from the speed
 * since the first update, so that a resumed run does not count what an earlier one did.
 */
export function progress(title: string): Progress {
  const startedAt = performance.now();
  const view = live();
  const line = statusLine();
  let first: { done: number; at: number } | undefined;
  let state: ProgressState = { title, done: 0, total: 0, elapsed: 0 };

  const shown = () => {
    const bundle = progressBundle(state);
    return { [Symbol.for("Jupyter.display")]: () => bundle };
  };

  function at(done: number, total: number, note: string | undefined): ProgressState {
    const now = performance.now();
    first ??= { done, at: now };
    const made = done - first.done;
    const left = made > 0 ? ((now - first.at) / made) * Math.max(total - done, 0) : undefined;
    return { title, done, total, elapsed: now - startedAt, left, note };
  }

  return {
    update(done, total, note) {
      state = at(done, total, note);
      if (inJupyter()) view.update(shown());
      else if (process.stderr.isTTY) line.update(progressLine(state));
    },
    async finish(note) {
      state = { ...at(state.done, state.total, note ?? state.note), finished: true };
      if (inJupyter()) await view.finish(shown());
      else if (process.stderr.isTTY) line.finish(progressLine(state));
    },
  };
}
