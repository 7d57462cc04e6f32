import { quoted } from "./quoted.ts";

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
export function parseJson(text: string, options?: JsonOptions): unknown {
  return new Reader(text, options === undefined ? DEFAULTS : { ...DEFAULTS, ...options }).all();
}

const DEFAULTS = { depth: 64, values: 4_000_000, object: plainObject, number: Number };

class Reader {
  private at = 0;
  private count = 0;

  constructor(
    private readonly text: string,
    private readonly options: Required<JsonOptions>,
  ) {}

  /** The value that is the whole text. */
  all(): unknown {
    const value = this.value(1);
    return this.next() === undefined ? value : this.unexpected();
  }

  private readonly refuse: Refuse = (problem) => {
    throw new SyntaxError(`${problem} at character ${this.at + 1}`);
  };

  private unexpected(): never {
    const code = this.text.codePointAt(this.at);
    return this.refuse(
      code === undefined ? "the text ends" : `unexpected ${quoted(String.fromCodePoint(code))}`,
    );
  }

  /** Moves to the next character that is not white space, and returns it. */
  private next(): string | undefined {
    let one = this.text[this.at];
    while (one === " " || one === "\n" || one === "\r" || one === "\t") one = this.text[++this.at];
    return one;
  }

  private value(level: number): unknown {
    if (++this.count > this.options.values) this.refuse(`more than ${this.options.values} values`);
    switch (this.next()) {
      case "{":
        return this.options.object(this.members(level), this.refuse);
      case "[":
        return this.elements(level);
      case '"':
        return this.string();
      case "t":
        return this.literal("true", true);
      case "f":
        return this.literal("false", false);
      case "n":
        return this.literal("null", null);
      default:
        return this.number();
    }
  }

  private elements(level: number): unknown[] {
    const found: unknown[] = [];
    for (let more = this.open("]", level); more; more = this.another("]")) found.push(this.value(level + 1));
    return found;
  }

  private members(level: number): [string, unknown][] {
    const found: [string, unknown][] = [];
    for (let more = this.open("}", level); more; more = this.another("}")) {
      if (this.next() !== '"') this.unexpected();
      const name = this.string();
      if (this.next() !== ":") this.unexpected();
      this.at++;
      found.push([name, this.value(level + 1)]);
    }
    return found;
  }

  /** Enters an array or object; false if it ends at once. */
  private open(close: string, level: number): boolean {
    if (level > this.options.depth)
      this.refuse(`more than ${this.options.depth} levels of arrays and objects`);
    this.at++;
    if (this.next() !== close) return true;
    this.at++;
    return false;
  }

  /** Whether a comma follows, and not the end. */
  private another(close: string): boolean {
    const mark = this.next();
    if (mark !== close && mark !== ",") this.unexpected();
    this.at++;
    return mark === ",";
  }

  private string(): string {
    const end = closingQuote(this.text, this.at);
    if (end < 0) this.refuse("a string without an end");
    let parsed: string;
    try {
      parsed = JSON.parse(this.text.slice(this.at, end + 1));
    } catch {
      return this.refuse("a string with a control character or an invalid escape");
    }
    if (/\p{Surrogate}/u.test(parsed)) this.refuse("a string with an unpaired surrogate");
    this.at = end + 1;
    return parsed;
  }

  private literal<T>(word: string, meaning: T): T {
    if (!this.text.startsWith(word, this.at)) this.unexpected();
    this.at += word.length;
    return meaning;
  }

  private number(): unknown {
    NUMBER.lastIndex = this.at;
    const digits = NUMBER.exec(this.text)?.[0] ?? this.unexpected();
    if (!Number.isFinite(Number(digits))) this.refuse("a number beyond float64");
    this.at += digits.length;
    return this.options.number(digits);
  }
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
  const object: Record<string, unknown> = {};
  for (const [name, value] of members) {
    if (Object.hasOwn(object, name)) refuse(`the name ${quoted(name)} twice in one object that ends`);
    if (name !== "__proto__") object[name] = value;
    else Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  }
  return object;
}
