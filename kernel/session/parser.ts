import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Babel's parser, which is loaded when it is first asked: not before the kernel can answer. */
export const parse: typeof import("@babel/parser").parse = (...source) =>
  (require("@babel/parser") as typeof import("@babel/parser")).parse(...source);
