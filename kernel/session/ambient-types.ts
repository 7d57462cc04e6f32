import path from "node:path";
import { packageFolder } from "./node-types.ts";

const globalFunctions = `
function prompt(message?: string, initial?: string): string | null;
function confirm(message?: string): boolean;
function alert(message?: unknown): void;
/** The value of the last cell that had one. */
var _: any;
/** The values of the last cells, by their execution counts. */
const Out: Record<number, any>;
const __cellMagics: {
  shell(command: string): Promise<void>;
  word(value: unknown, expression: string, inQuotes: boolean): string;
  script(program: string, text: string): Promise<void>;
  show(type: string, text: string): void;
  time<T>(compute: () => T): T;
  start(): void;
  stop(): void;
  timeCell(): void;
  cd(folder: string): void;
  env(text: string): any;
  pwd(text: string): string;
  lsmagic(text: string): void;
  unknown(name: string): never;
};
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
  return packageFolder("tslab", path.join(folder, "cell.cjs")) !== undefined;
}
