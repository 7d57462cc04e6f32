import { randomUUID } from "node:crypto";
import { plainText, toBundle } from "./bundle.ts";
import { inJupyter, type MimeBundle, onCellEnd, publish } from "./jupyter.ts";
import type { TableOptions } from "./table.ts";

export interface LiveOptions extends TableOptions {
  /** At most so many updates a second reach the notebook, default 4. The last one always does. */
  perSecond?: number;
}

/** A place in the notebook whose content is replaced. */
export interface Live {
  /** Shows `value` in place of what was there, now or after the least interval between two updates. */
  update(value: unknown): void;
  /** Shows `value`, or the last one given, at once. Resolves when it has been sent. */
  finish(value?: unknown): Promise<void>;
}

/** A bundle, or, where a value cannot be drawn, a bundle that says why: a failed drawing must not end a training. */
function draw(value: unknown, options: TableOptions): MimeBundle | Promise<MimeBundle> {
  const sayWhy = (error: unknown): MimeBundle => ({
    "text/plain": `This could not be shown: ${error instanceof Error ? error.message : String(error)}`,
  });
  try {
    const bundle = toBundle(value, options);
    return bundle instanceof Promise ? bundle.catch(sayWhy) : bundle;
  } catch (error) {
    return sayWhy(error);
  }
}

/**
 * A display that is replaced in place by each `update`, so that a saved notebook holds its last state only.
 * Updates given faster than `perSecond` are skipped, but for the last. Outside Jupyter only `finish` prints,
 * as plain text to stdout.
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
  let forget = () => {};

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
    forget();
    const bundle = draw(latest, options);
    if (bundle instanceof Promise) {
      drawing = bundle.then(send).finally(() => {
        drawing = undefined;
        if (waiting) schedule();
      });
    } else send(bundle);
  }

  /** A loop that never yields to the event loop fires no timers: each update therefore looks at the clock too. */
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
      if (!waiting) forget = onCellEnd(flush);
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
