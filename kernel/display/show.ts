import { plainText, toBundle } from "./bundle.ts";
import { type MimeBundle, publish } from "./jupyter.ts";
import type { TableOptions } from "./table.ts";

function send(bundle: MimeBundle): void {
  if (!publish(bundle)) process.stdout.write(`${plainText(bundle)}\n`);
}

/**
 * Shows a value in the notebook: a chart or anything else with `[Symbol.for("Jupyter.display")]()`, a danfojs
 * DataFrame or Series as a table (`options` are for these), strings made by `html`, `markdown` or `svg`, and
 * anything else as text. Write `await show(value)`: what draws itself asynchronously is only then part of its
 * cell. Outside Jupyter, prints the value's plain text to stdout.
 */
export function show(value: unknown, options: TableOptions = {}): void | Promise<void> {
  const bundle = toBundle(value, options);
  return bundle instanceof Promise ? bundle.then(send) : send(bundle);
}
