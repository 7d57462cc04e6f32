import { randomUUID } from "node:crypto";
import type { ClientIO } from "./client-io.ts";
import type { Exports } from "./commonjs-interop.ts";

const mimeTypes = {
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

/** A compatible replacement for the module "tslab", as far as `ambient-types.ts` declares it. */
export function tslabLibrary({ display }: ClientIO, versions: Record<string, string>): Exports {
  const create = (id?: string) => {
    let shown = false;
    const raw = (mime: string, data: string | Uint8Array) => {
      display({ [mime]: data }, {}, id, shown);
      shown = id !== undefined;
    };
    const byType = Object.entries(mimeTypes).map(([name, mime]) => [
      name,
      (data: string | Uint8Array) => raw(mime, data),
    ]);
    return { raw, ...Object.fromEntries(byType) };
  };
  const library: Exports = {
    display: create(),
    newDisplay: (id?: string) => create(id ?? randomUUID()),
    versions,
  };
  return { ...library, default: library };
}
