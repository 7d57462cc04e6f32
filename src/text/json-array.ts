/** A part of a text that is a JSON array: an element's text, or what is wrong with it. */
export type JsonElement = { readonly text: string } | { readonly problem: string };

/**
 * The elements of a JSON array whose text comes in pieces, each as text on one line, without parsing them. An element that
 * is longer than `longest` characters, is missing or does not end is a problem; so is what follows the array.
 */
export async function* jsonElements(
  pieces: AsyncIterable<string>,
  longest: number,
): AsyncGenerator<JsonElement> {
  const scan = new Scan(longest);
  for await (const piece of pieces) yield* scan.add(piece);
  yield* scan.end();
}

const BEFORE = 0;
const INSIDE = 1;
const AFTER = 2;

class Scan {
  private place = BEFORE;
  /** How deep the scan is inside the element. */
  private depth = 0;
  private inString = false;
  private escaped = false;
  private text = "";
  private length = 0;
  private count = 0;
  private isArray = true;
  private trailing = false;

  constructor(private readonly longest: number) {}

  *add(piece: string): Generator<JsonElement> {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const one = piece[at]!;
      if (this.escaped) this.escaped = false;
      else if (this.inString) {
        if (one === "\\") this.escaped = true;
        else if (one === '"') this.inString = false;
      } else if (one === '"') this.inString = true;
      else if (this.place === BEFORE) {
        if (one === "[") [this.place, start] = [INSIDE, at + 1];
        else if (!/[\s\uFEFF]/.test(one)) [this.place, this.isArray] = [AFTER, false];
      } else if (this.place === INSIDE) {
        if (one === "{" || one === "[") this.depth++;
        else if (this.depth > 0) {
          if (one === "}" || one === "]") this.depth--;
        } else if (one === "," || one === "]") {
          this.keep(piece.slice(start, at));
          const isLast = one === "]";
          if (!(isLast && this.count === 0 && this.text.trim() === "" && this.length <= this.longest))
            yield this.take();
          start = at + 1;
          if (isLast) this.place = AFTER;
        }
      } else if (!/\s/.test(one)) this.trailing = true;
    }
    if (this.place === INSIDE) this.keep(piece.slice(start));
  }

  *end(): Generator<JsonElement> {
    if (!this.isArray || this.place === BEFORE) {
      yield { problem: "the file is not a JSON array; if each line is an object, name it .jsonl." };
      return;
    }
    if (this.place === INSIDE) yield { problem: "the file ends within the array; it is not whole." };
    if (this.trailing) yield { problem: "there is text after the array; take it out." };
  }

  private keep(piece: string): void {
    this.length += piece.length;
    this.text = this.length > this.longest ? "" : this.text + piece;
  }

  private take(): JsonElement {
    const { text, length } = this;
    [this.text, this.length] = ["", 0];
    this.count++;
    if (length > this.longest) {
      return { problem: `has ${length} characters, and a row may have ${this.longest}; shorten it.` };
    }
    if (text.trim() === "") return { problem: "is missing between two commas or before the end." };
    return { text: text.trim().replace(/[\r\n]+/g, " ") };
  }
}
