import { toBundle } from "./bundle.ts";
import type { MimeBundle } from "./jupyter.ts";

/** The bundle by which a cell's value is shown. */
export function valueBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  return toBundle(value);
}
