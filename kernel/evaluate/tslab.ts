import { randomUUID } from "node:crypto";
import type { Channel } from "./client-io.ts";
import type { Exports } from "./commonjs-interop.ts";

const types = {
  javascript: "text/javascript",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  text: "text/plain",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
};

/** The library of tslab by the names that its users' notebooks import: `display` and `newDisplay`. */
export function tslabLibrary({ display }: Channel, versions: Record<string, string>): Exports {
  const create = (id?: string) => {
    let shown = false;
    const raw = (mime: string, data: string | Uint8Array) => {
      display({ [mime]: data }, {}, id, shown);
      shown = id !== undefined;
    };
    const named = Object.entries(types).map(([name, mime]) => [
      name,
      (data: string | Uint8Array) => raw(mime, data),
    ]);
    return { raw, ...Object.fromEntries(named) };
  };
  const library: Exports = {
    display: create(),
    newDisplay: (id?: string) => create(id ?? randomUUID()),
    versions,
  };
  return { ...library, default: library };
}
