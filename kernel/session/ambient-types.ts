import { createRequire } from "node:module";
import path from "node:path";

const common = `
function prompt(message?: string, initial?: string): string | null;
function confirm(message?: string): boolean;
function alert(message?: unknown): void;
`;

/** Declares the part of tslab's library that notebooks written for it use. */
export const tslabTypes = `
declare module "tslab" {
  interface Display {
    javascript(text: string): void;
    html(text: string): void;
    markdown(text: string): void;
    latex(text: string): void;
    svg(text: string): void;
    text(text: string): void;
    png(data: Uint8Array): void;
    jpeg(data: Uint8Array): void;
    gif(data: Uint8Array): void;
    pdf(data: Uint8Array): void;
    raw(mime: string, data: string | Uint8Array): void;
  }
  export const display: Display;
  export function newDisplay(id?: string): Display;
}
`;

/** Declares what cells have and no package declares, within a module. */
export const globals = `declare global {${common}}`;

/** Whether a notebook in this folder finds tslab's library with its own types. */
export function hasTslab(folder: string): boolean {
  try {
    createRequire(path.join(folder, "cell.cjs")).resolve("tslab/package.json");
    return true;
  } catch {
    return false;
  }
}
