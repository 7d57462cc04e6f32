import { createRequire } from "node:module";
import path from "node:path";

const globalFunctions = `
function prompt(message?: string, initial?: string): string | null;
function confirm(message?: string): boolean;
function alert(message?: unknown): void;
`;

/** Type declarations for the subset of tslab's library that the kernel provides. */
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
  export const versions: { node: string; [name: string]: string };
}
`;

/** Type declarations for the global functions that the kernel provides, for use inside a module. */
export const globalTypes = `declare global {${globalFunctions}}`;

/** Whether the tslab package, which has its own types, is installed for notebooks in a folder. */
export function isTslabInstalled(folder: string): boolean {
  try {
    createRequire(path.join(folder, "cell.cjs")).resolve("tslab/package.json");
    return true;
  } catch {
    return false;
  }
}
