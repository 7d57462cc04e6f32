import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonElements } from "../../src/text/json-array.ts";

/** The elements of a text that comes in pieces of `size` characters. */
async function elements(text: string, size = 7, longest = 1000): Promise<string[]> {
  async function* pieces() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  const found: string[] = [];
  for await (const one of jsonElements(pieces(), longest))
    found.push("text" in one ? one.text : `! ${one.problem}`);
  return found;
}

test("gives each element of any array on one line, however the text is cut into pieces", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue()),
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(0, 2),
    async (values, size, indent) => {
      const found = await elements(`\uFEFF ${JSON.stringify(values, null, indent)}\n`, size, 1e6);
      expect(found.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(values)));
      expect(found.join("")).not.toContain("\n");
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

test.each([
  ["[]", []],
  ["[1, {}", ["1", "! the file ends within the array; it is not whole."]],
  [
    "[1,,2,]",
    [
      "1",
      "! is missing between two commas or before the end.",
      "2",
      "! is missing between two commas or before the end.",
    ],
  ],
  ["[1] x", ["1", "! there is text after the array; take it out."]],
  ['{"a": [1]}', ["! the file is not a JSON array; if each line is an object, name it .jsonl."]],
  ["", ["! the file is not a JSON array; if each line is an object, name it .jsonl."]],
  [`["${"x".repeat(2000)}", 2]`, ["! has 2002 characters, and a row may have 1000; shorten it.", "2"]],
])("reports what is wrong with %o", async (text, expected) => {
  expect(await elements(text)).toEqual(expected);
});
