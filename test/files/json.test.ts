import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../src/files/json.ts";

/** JSON text with some characters deleted, doubled or replaced. */
const damaged = fc
  .tuple(
    fc.oneof(
      fc.json(),
      fc.constantFrom('{"a":[1,-0.5e3,"\\u00e9\\n",true,null],"b":{}}', "[[],[{}]]", ' "x" '),
    ),
    fc.array(
      fc.record({
        at: fc.nat(200),
        removed: fc.nat(2),
        inserted: fc.constantFrom(
          "",
          '"',
          "\\",
          ",",
          "[",
          "}",
          "0",
          "-",
          "e",
          ".",
          " ",
          "\ufeff",
          "\ud800",
          "\u0001",
        ),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce(
      (now, { at, removed, inserted }) =>
        now.slice(0, at % (now.length + 1)) + inserted + now.slice((at % (now.length + 1)) + removed),
      text,
    ),
  );

function outcome(read: () => unknown): { value: unknown } | undefined {
  try {
    return { value: read() };
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return undefined;
  }
}

describe("parseJson", () => {
  test("reads every JSON text as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test("takes no damaged text that JSON.parse refuses, and refuses none that is well formed", () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const [here, there] = [outcome(() => parseJson(text)), outcome(() => JSON.parse(text))];
        if (here !== undefined) {
          expect(here).toEqual(there);
          return;
        }
        const message = String(messageOf(text));
        if (there !== undefined) expect(message).toMatch(/twice|unpaired surrogate|beyond float64/);
        expect(message).toMatch(/^[^\n]* at character \d+$/);
      }),
      { numRuns: 3000 },
    );
  });

  test.each<[string, string, string]>([
    [
      "a repeated name",
      '{"a": 1, "\\u0061": 1}',
      'the name "a" twice in one object that ends at character 22',
    ],
    ["a number beyond float64", "[1, -1e400]", "a number beyond float64 at character 5"],
    ["half of a surrogate pair", '["\\ud83d"]', "a string with an unpaired surrogate at character 2"],
    [
      "an escape that does not exist",
      '["\\x"]',
      "a string with a control character or an invalid escape at character 2",
    ],
    [
      "a line break in a string",
      '["\n"]',
      "a string with a control character or an invalid escape at character 2",
    ],
    ["a string that does not end", '["a\\"]', "a string without an end at character 2"],
    ["a byte-order mark", "\ufeff{}", 'unexpected "\\ufeff" at character 1'],
    ["a comma at the end", "[1,]", 'unexpected "]" at character 4'],
    ["a name without quotes", "{a: 1}", 'unexpected "a" at character 2'],
    ["a second value", "{} {}", 'unexpected "{" at character 4'],
    ["a word that begins like a literal", "nul", 'unexpected "n" at character 1'],
    ["nothing", " ", "the text ends at character 2"],
  ])("says where %s is", (_, text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test("bounds the depth and the number of values, also of hostile texts", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(64))).toEqual(JSON.parse(nested(64)));
    expect(messageOf(nested(65))).toBe("more than 64 levels of arrays and objects at character 65");
    expect(messageOf("[".repeat(10_000_000))).toBe(
      "more than 64 levels of arrays and objects at character 65",
    );
    expect(() => parseJson("[1,2,3]", { values: 3 })).toThrow("more than 3 values at character 6");
    expect(messageOf(`"${'\\"'.repeat(1_000_000)}`)).toMatch("a string without an end");
  });

  test("keeps a member named __proto__ as a member", () => {
    const value = parseJson('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}');
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  test("gives objects and numbers as its caller represents them", () => {
    const value = parseJson('{"a": 1.0, "a": [10]}', {
      object: (members) => members,
      number: (digits) => digits,
    });
    expect(value).toEqual([
      ["a", "1.0"],
      ["a", ["10"]],
    ]);
  });
});

function messageOf(text: string): string | undefined {
  try {
    parseJson(text);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
