import { formatDuration } from "./duration.mjs";
import { escapeHtml } from "./escape.ts";
import { inJupyter } from "./jupyter.ts";
import { live } from "./live.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import { statusLine } from "./status-line.mjs";
import { visibleLine } from "./visible.mjs";

/** How `update` counts. */
export interface ProgressUnits {
  /** What is counted, such as "stages". */
  unit?: string;
  /** The share of the work that is done, 0 to 1, if what is counted differs in size; by default `done` of `total`. */
  share?: number;
}

/** The state of a progress bar; times in milliseconds. */
export interface ProgressState extends ProgressUnits {
  title: string;
  done: number;
  total: number;
  elapsed: number;
  /** Estimated time left, if known. */
  left?: number;
  note?: string;
  finished?: boolean;
}

/** A progress bar in a notebook, or a status line in a terminal. */
export interface Progress {
  /** `done` of `total` (steps, epochs, prompts), with a short note such as "loss 1.23". */
  update(done: number, total: number, note?: string, units?: ProgressUnits): void;
  /** Replaces the bar by one closing line. Resolves when it has been sent. */
  finish(note?: string): Promise<void>;
}

/** The shortest time between two updates of the status line, in milliseconds. */
const TERMINAL_INTERVAL = 100;

/** The time between two lines where stderr is not a terminal, in milliseconds. */
const LOG_INTERVAL = 30_000;

/** The share done in whole percent, 0 to 100, rounded down: it is 100 only if `done` has reached `total`. */
export function percent(done: number, total: number): number {
  if (!(total > 0) || !(done > 0)) return 0;
  return done >= total ? 100 : Math.min(99, Math.floor((100 * done) / total));
}

/** The share done in whole percent. */
const shown = ({ done, total, share }: ProgressState) =>
  share === undefined ? percent(done, total) : percent(share, 1);

function details(state: ProgressState): string {
  const unit = state.unit === undefined ? "" : ` ${state.unit}`;
  const counts = state.total > 0 ? [`${state.done} of ${state.total}${unit}`] : [];
  const parts = state.finished
    ? [[...counts, `in ${formatDuration(state.elapsed)}`].join(" ")]
    : [`${shown(state)} %`, ...counts, `${formatDuration(state.elapsed)} elapsed`];
  if (!state.finished && state.left !== undefined) parts.push(`${formatDuration(state.left)} left`);
  if (state.note) parts.push(state.note);
  return parts.join(" · ");
}

/** The state as one line of text. */
export function progressLine(state: ProgressState): string {
  return visibleLine(`${state.title}: ${details(state)}`);
}

/** Text in HTML whose direction of writing does not reorder what stands beside it. */
const isolated = (text: string) => `<bdi>${escapeHtml(text)}</bdi>`;

/** The bar with its numbers or, if finished, the closing line. */
export function progressBundle(state: ProgressState): MimeBundle {
  const title = isolated(state.title);
  const text = isolated(details(state));
  const share = shown(state);
  const bar = `<label><strong>${title}</strong> <progress max="100" value="${share}">${share} %</progress></label>`;
  const head = state.finished ? `<strong>${title}</strong>` : bar;
  return {
    "text/html": `<div class="allroads-progress">${head} <span>${text}</span></div>`,
    "text/plain": progressLine(state),
  };
}

/**
 * Shows the progress of a long computation: an HTML progress bar in Jupyter, updated four times a second and replaced
 * by one line at the end; a status line on stderr in a terminal; otherwise a line on stderr every 30 seconds. The time
 * left is estimated from the speed since the first update, so that a resumed run does not count work that was done before.
 */
export function progress(title: string): Progress {
  const startedAt = performance.now();
  const view = live();
  const line = statusLine(process.stderr);
  const isTerminal = process.stderr.isTTY;
  let drawnAt = isTerminal ? Number.NEGATIVE_INFINITY : startedAt;
  let first: { share: number; at: number } | undefined;
  let last = 0;
  let state: ProgressState = { title, done: 0, total: 0, elapsed: 0 };

  const displayable = () => {
    const bundle = progressBundle(state);
    return { [Symbol.for("Jupyter.display")]: () => bundle };
  };

  function at(done: number, total: number, note?: string, units: ProgressUnits = {}): ProgressState {
    const now = performance.now();
    const share = units.share ?? (total > 0 ? done / total : 0);
    // Work that begins anew has another speed.
    if (first === undefined || share < last) first = { share, at: now };
    last = share;
    const progressed = share - first.share;
    const left = progressed > 0 ? ((now - first.at) / progressed) * Math.max(1 - share, 0) : undefined;
    return { ...units, title, done, total, elapsed: now - startedAt, left, note };
  }

  return {
    update(done, total, note, units) {
      state = at(done, total, note, units);
      if (inJupyter()) view.update(displayable());
      else if (performance.now() - drawnAt >= (isTerminal ? TERMINAL_INTERVAL : LOG_INTERVAL)) {
        drawnAt = performance.now();
        if (isTerminal) line.show(progressLine(state));
        else process.stderr.write(`${progressLine(state)}\n`);
      }
    },
    async finish(note) {
      state = { ...at(state.done, state.total, note ?? state.note, state), finished: true };
      if (inJupyter()) await view.finish(displayable());
      else if (process.stderr.isTTY) {
        line.clear();
        process.stderr.write(`${progressLine(state)}\n`);
      }
    },
  };
}
