import { createRequire } from "node:module";
import path from "node:path";

const common = `
declare function prompt(message?: string, initial?: string): string | null;
declare function confirm(message?: string): boolean;
declare function alert(message?: unknown): void;
`;

/** The part of tslab's library that notebooks written for it use. */
const tslab = `
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

/** Declarations of what cells have that no package declares. */
export function globals(folder: string): string {
  try {
    createRequire(path.join(folder, "cell.cjs")).resolve("tslab/package.json");
    return common;
  } catch {
    return common + tslab;
  }
}
