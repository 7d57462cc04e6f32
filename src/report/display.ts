/** The property through which notebooks ask a value how to show it: the convention of Deno's Jupyter kernel. */
export const display: unique symbol = Symbol.for("Jupyter.display");

/** One value in several formats, by MIME type. */
export interface MimeBundle {
  readonly [type: string]: unknown;
}
