import { parseTypeScript } from "../parser.ts";
import { blank, type FoundMagic, findMagics } from "./find.ts";
import { cellMagics, lineMagics, shownTypes } from "./names.ts";

/** The global object whose functions carry out the magics: see `evaluate/magics.ts`. */
const runtime = "__cellMagics";

const quote = (text: string) =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

/** A call that times a statement, whose value stays that of the cell. */
function timed(statement: string): string {
  const expression = statement.replace(/;\s*$/, "");
  if (parseTypeScript(`(${expression}\n)`).hasErrors)
    return `${runtime}.start(); ${statement}; ${runtime}.stop();`;
  return /\bawait\b/.test(expression)
    ? `await ${runtime}.time(async () => (${expression}));`
    : `${runtime}.time(() => (${expression}));`;
}

function lineCode({ name, text }: FoundMagic): string {
  if (!Object.hasOwn(lineMagics, name)) return `${runtime}.unknown(${quote(`%${name}`)});`;
  if (name === "time" && text !== "") return timed(text);
  return `${runtime}.${name}(${quote(text)});`;
}

function cellCode({ name, textStart }: FoundMagic, source: string): string {
  const body = quote(source.slice(textStart).replace(/^[^\n]*\n?/, ""));
  if (!Object.hasOwn(cellMagics, name)) return `${runtime}.unknown(${quote(`%%${name}`)});`;
  if (name === "time") return `${runtime}.timeCell();`;
  const type = shownTypes[name];
  return type
    ? `${runtime}.show(${quote(type)}, ${body});`
    : `await ${runtime}.script(${quote(name)}, ${body});`;
}

/** The text of a shell command, with the values of its expressions. */
const commandText = ({ text, parts = [{ text }] }: FoundMagic): string =>
  parts
    .map((part) =>
      "text" in part
        ? quote(part.text)
        : `${runtime}.word((${part.expression}), ${quote(part.expression)}, ${part.inQuotes})`,
    )
    .join(" + ");

/** The TypeScript that carries out a magic, in as many lines as it has. */
function codeOf(magic: FoundMagic, source: string): string {
  if (magic.kind === "line") return lineCode(magic);
  const text = source.slice(magic.start, magic.end);
  const code =
    magic.kind === "shell" ? `await ${runtime}.shell(${commandText(magic)});` : cellCode(magic, source);
  return code + "\n".repeat(text.split("\n").length - 1);
}

/** A cell as TypeScript: its magics become calls. Each stays in its line. */
export function translateMagics(source: string, isDeclared: (name: string) => boolean): string {
  let text = source;
  for (const magic of findMagics(source, isDeclared).reverse())
    text = text.slice(0, magic.start) + codeOf(magic, source) + text.slice(magic.end);
  return text;
}

/** A cell with spaces in place of its magics, except for a statement that is timed. No offset changes. */
export function blankMagics(source: string, isDeclared: (name: string) => boolean): string {
  const ranges = findMagics(source, isDeclared).map(({ kind, name, start, end, textStart }) => ({
    start,
    end: kind === "line" && name === "time" ? textStart : end,
  }));
  return blank(source, ranges);
}
