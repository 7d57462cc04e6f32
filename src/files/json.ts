import { quoted } from "./printable.ts";

/** Reports a problem at the character where the reader is. */
export type Refuse = (problem: string) => never;

/** The bounds of a JSON text, and how its values are represented. */
export interface JsonOptions {
  /** How deep arrays and objects may nest: 64 by default. */
  readonly depth?: number;
  /** How many values there may be, those inside others included: 4 million by default. */
  readonly values?: number;
  /** The value of an object, from its members in their order: by default a plain object, and names must differ. */
  readonly object?: (members: [string, unknown][], refuse: Refuse) => unknown;
  /** The value of a number, from its text: by default a JavaScript number. */
  readonly number?: (digits: string) => unknown;
}

/**
 * Parses JSON from an untrusted source. Unlike JSON.parse it refuses objects with two members of one name, numbers beyond
 * float64, strings with unpaired surrogates and what exceeds the bounds. Throws a SyntaxError that says what is wrong and
 * at which character, without a final period, for a caller's sentence.
 */
export function parseJson(text: string, options: JsonOptions = {}): unknown {
  const { depth = 64, values = 4_000_000, object = plainObject, number = Number } = options;
  let at = 0;
  let count = 0;

  const refuse: Refuse = (problem) => {
    throw new SyntaxError(`${problem} at character ${at + 1}`);
  };
  const unexpected = () => refuse(at < text.length ? `unexpected ${quoted(character())}` : "the text ends");
  const character = () => String.fromCodePoint(text.codePointAt(at)!);

  /** Moves to the next character that is not white space, and returns it. */
  function next(): string | undefined {
    while (" \n\r\t".includes(text[at] ?? "x")) at++;
    return text[at];
  }

  function value(level: number): unknown {
    if (++count > values) refuse(`more than ${values} values`);
    switch (next()) {
      case "{":
        return object(
          items("}", level, () => member(level)),
          refuse,
        );
      case "[":
        return items("]", level, () => value(level + 1));
      case '"':
        return string();
      case "t":
        return literal("true", true);
      case "f":
        return literal("false", false);
      case "n":
        return literal("null", null);
      default:
        return numeral();
    }
  }

  function items<T>(close: string, level: number, item: () => T): T[] {
    if (level > depth) refuse(`more than ${depth} levels of arrays and objects`);
    const found: T[] = [];
    at++;
    for (let end = next() === close; !end; ) {
      found.push(item());
      const mark = next();
      end = mark === close;
      if (!end && mark !== ",") unexpected();
      if (!end) at++;
    }
    at++;
    return found;
  }

  function member(level: number): [string, unknown] {
    if (next() !== '"') unexpected();
    const name = string();
    if (next() !== ":") unexpected();
    at++;
    return [name, value(level + 1)];
  }

  function string(): string {
    const end = closingQuote(text, at);
    if (end < 0) refuse("a string without an end");
    let parsed: string;
    try {
      parsed = JSON.parse(text.slice(at, end + 1));
    } catch {
      return refuse("a string with a control character or an invalid escape");
    }
    if (/\p{Surrogate}/u.test(parsed)) refuse("a string with an unpaired surrogate");
    at = end + 1;
    return parsed;
  }

  function literal<T>(word: string, meaning: T): T {
    if (!text.startsWith(word, at)) unexpected();
    at += word.length;
    return meaning;
  }

  function numeral(): unknown {
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0] ?? unexpected();
    if (!Number.isFinite(Number(digits))) refuse("a number beyond float64");
    at += digits.length;
    return number(digits);
  }

  const parsed = value(1);
  return next() === undefined ? parsed : unexpected();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The index of the quotation mark that ends the string beginning at `start`, or -1. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text[first - 1] === "\\") first--;
    if ((end - first) % 2 === 0) return end;
  }
  return -1;
}

function plainObject(members: [string, unknown][], refuse: Refuse): object {
  const names = new Set<string>();
  for (const [name] of members) {
    if (names.has(name)) refuse(`the name ${quoted(name)} twice in one object that ends`);
    names.add(name);
  }
  return Object.fromEntries(members);
}
