import type { MimeBundle } from "./mime-bundle.ts";
import { isObject, method } from "./probe.ts";
import { visibleText } from "./visible.mjs";

/** Whether a text says itself which of its parts are mathematics. */
const HAS_DELIMITERS = /\$|\\\(|\\\[|\\begin\s*\{/;

/** LaTeX as a formula on a line of its own, unless it has delimiters. */
export function latexBundle(source: string): MimeBundle {
  const text = visibleText(source);
  return { "text/latex": HAS_DELIMITERS.test(text) ? text : `$$${text}$$`, "text/plain": text };
}

/** The LaTeX of a value with a method `toLatex`, or IPython's `_repr_latex_`, that returns a text. */
export function latexOf(value: unknown): MimeBundle | undefined {
  if (!isObject(value)) return undefined;
  const write = method(value, "_repr_latex_") ?? method(value, "toLatex");
  const source = write?.();
  return typeof source === "string" ? latexBundle(source) : undefined;
}
