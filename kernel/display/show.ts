import { plainText, toBundle } from "./bundle.ts";
import { publish } from "./jupyter.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import type { TableOptions } from "./table.ts";

function send(bundle: MimeBundle): void {
  if (!publish(bundle)) process.stdout.write(`${plainText(bundle)}\n`);
}

/**
 * Shows a value in the notebook as `toBundle` describes; `options` apply to tables. Write `await show(value)`, so that
 * a chart, which is drawn asynchronously, appears in this cell. Outside Jupyter it prints the value's text to stdout.
 */
export function show(value: unknown, options: TableOptions = {}): void | Promise<void> {
  const bundle = toBundle(value, options);
  return bundle instanceof Promise ? bundle.then(send) : send(bundle);
}
