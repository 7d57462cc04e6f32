import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../src/files/user-code.ts";
import { differences } from "../../src/verdicts/json-differences.ts";

test("values are different exactly if something is named", () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(differences(one, one)).toEqual([]);
      expect(differences(one, other).length > 0).toBe(!isDeepStrictEqual(one, other));
    }),
  );
});

test.each<[string, Json, Json, string[]]>([
  ["a number", { rule: { margin: 3 } }, { rule: { margin: 6 } }, ["margin 6 is not the registered 3"]],
  ["a field that is gone", { needs: 1, level: 2 }, { level: 2 }, ["needs 1 is registered and missing"]],
  ["a field that is new", { level: 2 }, { level: 2, margin: 1 }, ["margin 1 is not registered"]],
  ["an entry of a list", [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }], ["2 a 3 is not the registered 2"]],
  ["a list of numbers", { test: [1, 2] }, { test: [1] }, ["test [1] is not the registered [1,2]"]],
  [
    "several",
    { a: 1, b: "x" },
    { a: 2, b: "y" },
    ["a 2 is not the registered 1", 'b "y" is not the registered "x"'],
  ],
])("%s is named with both values", (_, registered, now, found) => {
  expect(differences(registered, now)).toEqual(found);
});
