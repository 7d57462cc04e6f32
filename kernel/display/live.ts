import { randomUUID } from "node:crypto";
import { plainText, toBundle } from "./bundle.ts";
import { inJupyter, onCellEnd, publish } from "./jupyter.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import type { TableOptions } from "./table.ts";
import { visibleText } from "./visible.mjs";

export interface LiveOptions extends TableOptions {
  /** The most updates per second, default 4. Others are skipped, but never the last one. */
  perSecond?: number;
}

/** An output whose content can be replaced. */
export interface Live {
  /** Replaces the content by `value`, at once or when the minimum interval since the last update has passed. */
  update(value: unknown): void;
  /** Shows `value`, or else the last value of `update`, at once. Resolves when it has been sent. */
  finish(value?: unknown): Promise<void>;
}

/** The bundle of a value, or of the error message if it cannot be drawn: a display must not end a training run. */
function draw(value: unknown, options: TableOptions): MimeBundle | Promise<MimeBundle> {
  const errorBundle = (error: unknown): MimeBundle => ({
    "text/plain": visibleText(
      `This could not be shown: ${error instanceof Error ? error.message : String(error)}`,
    ),
  });
  try {
    const bundle = toBundle(value, options);
    return bundle instanceof Promise ? bundle.catch(errorBundle) : bundle;
  } catch (error) {
    return errorBundle(error);
  }
}

/**
 * An output that each `update` replaces, so that a saved notebook contains only its last state. Updates faster than
 * `perSecond` are skipped, but never the last one. Outside Jupyter only `finish` prints, as plain text to stdout.
 */
export function live(options: LiveOptions = {}): Live {
  const interval = 1000 / (options.perSecond ?? 4);
  const displayId = randomUUID();
  let latest: unknown;
  let given = false;
  let waiting = false;
  let shown = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let drawing: Promise<void> | undefined;
  let removeCellEndListener = () => {};

  function send(bundle: MimeBundle): void {
    sentAt = performance.now();
    publish(bundle, displayId, shown);
    shown = true;
  }

  function flush(): void {
    if (!waiting || drawing) return;
    clearTimeout(timer);
    timer = undefined;
    waiting = false;
    removeCellEndListener();
    const bundle = draw(latest, options);
    if (bundle instanceof Promise) {
      drawing = bundle.then(send).finally(() => {
        drawing = undefined;
        if (waiting) schedule();
      });
    } else send(bundle);
  }

  /** Each update checks the clock itself, since timers do not fire in a loop that never yields to the event loop. */
  function schedule(): void {
    const wait = sentAt + interval - performance.now();
    if (wait <= 0) flush();
    else timer ??= setTimeout(flush, wait);
  }

  return {
    update(value) {
      latest = value;
      given = true;
      if (!inJupyter()) return;
      if (!waiting) removeCellEndListener = onCellEnd(flush);
      waiting = true;
      schedule();
    },
    async finish(...last) {
      if (last.length > 0) latest = last[0];
      else if (!given) return;
      if (!inJupyter()) {
        process.stdout.write(`${plainText(await draw(latest, options))}\n`);
        return;
      }
      while (drawing) await drawing;
      waiting = true;
      flush();
      while (drawing) await drawing;
    },
  };
}
